"""Functions that ask the session, and those that draw at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_literals, literal

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def current_user() -> Column:
    """Who runs the program."""
    return function("current_user")


def session_user() -> Column:
    """Who runs the program."""
    return function("session_user")


def user() -> Column:
    """Who runs the program."""
    return function("user")


def current_catalog() -> Column:
    """The session's catalog."""
    return function("current_catalog")


def current_database() -> Column:
    """The session's current database."""
    return function("current_database")


def current_schema() -> Column:
    """The session's current database."""
    return function("current_schema")


def version() -> Column:
    """The version of streamcore."""
    return function("version")


def shuffle(col: ColumnOrName, seed: Column | int | None = None) -> Column:
    """An array in a random order."""
    return function("shuffle", expression(col), *given_literals(seed))


def randstr(length: Column | int, seed: Column | int | None = None) -> Column:
    """Random digits and letters, so many."""
    return function("randstr", literal(length), *given_literals(seed))


def uniform(min: Column | float, max: Column | float, seed: Column | int | None = None) -> Column:
    """A random number between two bounds, of their type."""
    return function("uniform", literal(min), literal(max), *given_literals(seed))
