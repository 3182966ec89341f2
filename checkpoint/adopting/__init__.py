"""Going on where a streaming query of Apache Spark has stopped: its checkpoint, read and adopted."""

from __future__ import annotations

from streamcore.checkpoint.adopting.adopted import Adopted, KeepFiles, read_adopted, write_adopted
from streamcore.checkpoint.adopting.adoption import AdoptedSource, Adoption, plan_adoption
from streamcore.checkpoint.adopting.spark_checkpoint import read_spark_checkpoint
from streamcore.checkpoint.adopting.spark_files import SeenFile

__all__ = [
    "Adopted",
    "AdoptedSource",
    "Adoption",
    "KeepFiles",
    "SeenFile",
    "plan_adoption",
    "read_adopted",
    "read_spark_checkpoint",
    "write_adopted",
]
