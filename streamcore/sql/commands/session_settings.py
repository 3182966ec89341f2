"""SET, RESET, SET TIME ZONE and USE: what a session is set to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.refusals import backticked
from streamcore.settings.table import KNOWN
from streamcore.sql.commands.answers import texts
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.conf import local_time_zone

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.statements import Statement

_ZONE: Final = "spark.sql.session.timeZone"
_SETTING: Final = re.compile(r"(`(?:[^`]|``)+`|[\w.:-]+)\s*(?:=\s*(.*))?", re.DOTALL)
_UNDEFINED: Final = "<undefined>"


def _set(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    if cursor.is_done:
        return _every
    text = cursor.rest()
    if text == "-v":
        return _every_explained
    found = _SETTING.fullmatch(text)
    if found is None:
        raise ParseException(
            "[INVALID_SET_SYNTAX] Expected format is 'SET', 'SET key', or 'SET key=value'. If you want to "
            "include special characters in key, or include semicolon in value, please use backquotes, e.g., "
            "SET `key`=`value`. SQLSTATE: 42000"
        )
    key = _unquoted(found[1])
    if found[2] is None:
        return lambda at: _answer(at, [(key, _value(at, key))])
    value = _unquoted(found[2].strip())
    return lambda at: _changed(at, key, value)


def _changed(statement: Statement, key: str, value: str) -> DataFrame:
    if statement.session.variables.find(key.split(".")) is not None:
        name = ".".join(map(backticked, key.split(".")))
        raise AnalysisException(
            f"[UNSUPPORTED_FEATURE.SET_VARIABLE_USING_SET] The feature is not supported: {name} is a "
            f"VARIABLE and cannot be updated using the SET statement. Use SET VARIABLE {name} = ... instead. "
            "SQLSTATE: 0A000"
        )
    statement.session.conf.set(key, value)
    return _answer(statement, [(key, value)])


def _value(statement: Statement, key: str) -> str:
    try:
        found = statement.session.conf.get(key)
    except AnalysisException:
        return _UNDEFINED
    return _UNDEFINED if found is None else found


def _every(statement: Statement) -> DataFrame:
    return _answer(statement, sorted(statement.session.conf.given.items()))


def _every_explained(statement: Statement) -> DataFrame:
    rows = [
        (key, _value(statement, key), setting.doc, "")
        for key, setting in sorted(KNOWN.items())
        if key.startswith("spark.sql.") and setting.doc
    ]
    return texts(statement.session, "key value meaning Since_version", rows).toDF(
        "key", "value", "meaning", "Since version"
    )


def _reset(cursor: Cursor) -> Callable[[Statement], None]:
    if cursor.is_done:
        return lambda at: at.session.conf.unset_all()
    key = _unquoted(cursor.rest())
    return lambda at: at.session.conf.unset(key)


def _time_zone(cursor: Cursor) -> Callable[[Statement], DataFrame]:
    if cursor.take("local"):
        return lambda at: _changed(at, _ZONE, local_time_zone())
    if cursor.sees_string():
        zone = cursor.string()
        return lambda at: _changed(at, _ZONE, zone)
    text = cursor.rest()
    return lambda at: _changed(at, _ZONE, _offset(at, text))


def _offset(statement: Statement, text: str) -> str:
    """The zone that an interval means, as `+hh:mm`."""
    value = statement.value(text)
    if not isinstance(value, dt.timedelta) or abs(value) > dt.timedelta(hours=18) or value.microseconds:
        raise ParseException(
            "[INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE] Error parsing '" + text + "' to "
            "interval. The interval value must be in the range of [-18, +18] hours with second precision. "
            "SQLSTATE: 22006"
        )
    sign, minutes = "-" if value < dt.timedelta() else "+", abs(value) // dt.timedelta(minutes=1)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _use(cursor: Cursor) -> Callable[[Statement], None]:
    cursor.take_one("database", "schema", "namespace")
    parts = cursor.name()
    return lambda at: at.session.tables.use(parts)


def _set_catalog(cursor: Cursor) -> Callable[[Statement], None]:
    name = cursor.string() if cursor.sees_string() else ".".join(cursor.name())
    return lambda at: at.session.catalog.setCurrentCatalog(name)


def _answer(statement: Statement, rows: list[tuple[str, str]]) -> DataFrame:
    return texts(statement.session, "key value", rows)


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] == "`"
    return text[1:-1].replace("``", "`") if is_quoted else text


READERS: Final = {
    "set": _set,
    "set time zone": _time_zone,
    "set catalog": _set_catalog,
    "reset": _reset,
    "use": _use,
}
