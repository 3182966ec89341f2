"""Nodes for what merging partial results needs and SQL has no word for."""

from __future__ import annotations

from sqlglot import exp


class Folded(exp.Expression):
    """An aggregate call (`expression`) over the elements of an array (`this`), which it calls `e`."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012 - sqlglot's own way to say it


class MergedMoments(exp.Expression):
    """The moments of all rows, from an array of the moments of parts of them.

    The elements are structs of doubles: the number `n` of the rows, their mean `x`, and the sums `xx`, `xxx`,
    `xxxx` of the powers of what they deviate from it; those of two columns have means `x` and `y` and sums
    `xx`, `yy` and `xy`.
    """

    arg_types = {"this": True}  # noqa: RUF012


class Tally(exp.Expression):
    """How often each value occurs among the elements of an array: structs of `v` and `n`, ordered by `v`.

    With `weighted` the elements are such structs already, and the `n` of equal values are added.  It is null
    where there is no value.
    """

    arg_types = {"this": True, "weighted": False}  # noqa: RUF012


class Frequency(exp.Expression):
    """How often a row counts: a whole number; a negative one fails."""

    arg_types = {"this": True}  # noqa: RUF012


class PercentileOfTally(exp.Expression):
    """The value at a share (or an array of shares) of a tally: of `kind` continuous or discrete."""

    arg_types = {"this": True, "expression": True, "kind": True}  # noqa: RUF012


class ModeOfTally(exp.Expression):
    """The value that occurs most often; of several the smallest."""

    arg_types = {"this": True}  # noqa: RUF012


class RegisterCode(exp.Expression):
    """The code of a value (`this`) in an estimate of 2^`expression` registers; null of null."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012


class Registers(exp.Expression):
    """The codes of an array that are the highest of their registers, in order."""

    arg_types = {"this": True}  # noqa: RUF012


class DistinctEstimate(exp.Expression):
    """How many distinct values gave the registers (`this`) of an estimate of 2^`expression` of them."""

    arg_types = {"this": True, "expression": True}  # noqa: RUF012
