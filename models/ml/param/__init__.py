"""Parameters of estimators and transformers: named, documented, with a default and a value."""

from __future__ import annotations

from streamcore.models.ml.param.converters import TypeConverters
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.param import Param
from streamcore.models.ml.param.params import ParamMap, Params

__all__ = ["Param", "ParamMap", "Params", "TypeConverters", "keyword_only"]
