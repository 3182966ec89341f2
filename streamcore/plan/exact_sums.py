"""Nodes for sums of decimals that are kept in parts: digits cut in two, each part summed by itself.

The sum of a part of the rows may have more than 38 digits although the sum of all rows has not; two sums
of limbs lose nothing, so that any split of the rows gives the same answer.
"""

from __future__ import annotations

from sqlglot import exp


class HighLimb(exp.Expression):
    """The leading digits of a decimal, as a whole number."""

    arg_types = {"this": True}  # noqa: RUF012 - sqlglot's own way to say it


class LowLimb(exp.Expression):
    """The last 19 digits of a decimal, as a whole number."""

    arg_types = {"this": True}  # noqa: RUF012


class SumOfLimbs(exp.Expression):
    """The sum of decimals of type `of`, from the sums of their limbs; null on overflow when `safe`."""

    arg_types = {"this": True, "expression": True, "of": True, "safe": False}  # noqa: RUF012


class AverageOfLimbs(exp.Expression):
    """The average of decimals of type `of`, from the sums of their limbs and their number."""

    arg_types = {"this": True, "expression": True, "count": True, "of": True, "safe": False}  # noqa: RUF012
