"""Where variants cannot stand: they are in no order, and none equals another."""

from __future__ import annotations

from collections.abc import Iterable

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import Attribute
from streamcore.spi.types import holds_variant


def refuse_in_groups(keys: Iterable[Attribute]) -> None:
    """Raises AnalysisException for rows that are grouped by a variant."""
    for key in keys:
        if holds_variant(key.data_type):
            raise AnalysisException(
                f'[GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE] The expression "{key.name}" cannot be used as a '
                f'grouping expression because its data type "{key.data_type.simpleString().upper()}" is not '
                "an orderable data type. SQLSTATE: 42822"
            )


def refuse_in_sets(columns: Iterable[Attribute]) -> None:
    """Raises AnalysisException for rows that are told apart by a variant."""
    for column in columns:
        if holds_variant(column.data_type):
            raise AnalysisException(
                "[UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE] The feature is not supported: Cannot "
                "have VARIANT type columns in a set operation (INTERSECT, EXCEPT, etc.), but the type of "
                f'column `{column.name}` is "{column.data_type.simpleString().upper()}". SQLSTATE: 0A000'
            )
