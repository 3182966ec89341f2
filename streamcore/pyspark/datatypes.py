"""Tools of PySpark's types module that streamcore itself has no use for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamcore.spi.types import type_from_json

if TYPE_CHECKING:
    from streamcore.spi.types import DataType


def parse_json_string(json_string: str) -> DataType:
    """The type that its JSON text describes.

    >>> parse_json_string('"long"')
    LongType()
    """
    return type_from_json(json.loads(json_string))
