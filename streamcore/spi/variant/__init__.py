"""Variants: values of any shape, in the open binary form of Parquet's Variant."""

from __future__ import annotations

from streamcore.spi.variant.encoding import MalformedVariant, decoded, encoded
from streamcore.spi.variant.values import VariantVal

__all__ = ["MalformedVariant", "VariantVal", "decoded", "encoded"]
