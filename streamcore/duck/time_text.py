"""SQL of timestamps and dates as text: what JSON and CSV write."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.written_patterns import ZONE_MARK, strftime_format
from streamcore.duck.zones import fixed_offset_us, to_local
from streamcore.errors import IllegalArgumentException
from streamcore.spi.options import Options

_TO_SECONDS = "%Y-%m-%dT%H:%M:%S."


@dataclass(frozen=True)
class TimeText:
    """Times by the formats of `written_patterns`, instants in `zone`; without a format as Spark writes them.

    That is ISO 8601 with milliseconds, and an instant's offset from UTC; what is finer is cut off.
    """

    zone: str = "UTC"
    timestamp_format: str | None = None
    timestamp_ntz_format: str | None = None
    date_format: str | None = None

    @classmethod
    def of(cls, options: Options) -> TimeText:
        """The text that timeZone, timestampFormat, timestampNTZFormat and dateFormat ask for.

        Raises IllegalArgumentException for a pattern or a zone that is not offered.
        """
        names = ("timestampFormat", "timestampNTZFormat", "dateFormat")
        formats = (strftime_format(options[name], name) if name in options else None for name in names)
        zone = options.get("timeZone", "UTC")
        fixed_offset_us(zone)
        return cls(zone, *formats)

    def timestamp(self, instant: str) -> str:
        """The text of an instant: a TIMESTAMPTZ, or the TIMESTAMP that it is in UTC."""
        offset = fixed_offset_us(self.zone)
        if offset is not None:
            return self._timestamp(to_local(instant, self.zone), str(offset // 1_000_000))
        return let(f"epoch_us({instant})", self._regional)

    def timestamp_ntz(self, local: str) -> str:
        """The text of a local time."""
        if self.timestamp_ntz_format is not None:
            return self._formatted(local, self.timestamp_ntz_format, "0")
        return self._iso(local)

    def date(self, sql: str) -> str:
        """The text of a date."""
        if self.date_format is not None:
            return self._formatted(sql, self.date_format, "0")
        return f"CAST({sql} AS VARCHAR)"

    def _regional(self, micros: str) -> str:
        local = to_local(f"make_timestamptz({micros})", self.zone)
        return let(local, lambda x: self._timestamp(x, f"((epoch_us({x}) - {micros}) // 1000000)"))

    def _timestamp(self, local: str, offset: str) -> str:
        if self.timestamp_format is not None:
            return self._formatted(local, self.timestamp_format, offset)
        return f"({self._iso(local)} || {self._zone_text('XXX', offset)})"

    def _iso(self, local: str) -> str:
        return f"strftime({local}, {string(_TO_SECONDS + '%g')})"

    def _formatted(self, local: str, written: str, offset: str) -> str:
        # Zone fields stand between marks.
        pieces = written.split(ZONE_MARK)
        texts = [_strftime(local, piece) for piece in pieces[::2]]
        zones = [self._zone_text(letters, offset) for letters in pieces[1::2]]
        joined = [texts[0], *(part for pair in zip(zones, texts[1:], strict=True) for part in pair)]
        return f"({' || '.join(joined)})"

    def _zone_text(self, letters: str, offset: str) -> str:
        if letters == "VV" or (letters == "z" and fixed_offset_us(self.zone) == 0):
            return string("UTC" if fixed_offset_us(self.zone) == 0 else self.zone)
        if letters == "z":
            raise IllegalArgumentException(
                f"the pattern letter 'z' is not supported in writing in the zone {self.zone!r}; use XXX or VV"
            )
        if offset.removeprefix("-").isdigit():
            return string(_offset_text(letters, int(offset)))
        return let(offset, lambda seconds: _offset_sql(letters, seconds))


class ExactTimeText(TimeText):
    """Without a format ISO 8601 with milliseconds, or microseconds where there are any: nothing is lost."""

    def _iso(self, local: str) -> str:
        short, long = (string(_TO_SECONDS + part) for part in ("%g", "%f"))
        to_milliseconds = f"epoch_us({local}) % 1000 = 0 THEN strftime({local}, {short})"
        return f"(CASE WHEN {to_milliseconds} ELSE strftime({local}, {long}) END)"


def _strftime(local: str, written: str) -> str:
    # There is no strftime of an empty format; null stays null.
    return f"strftime({local}, {string(written)})" if written else f"left(CAST({local} AS VARCHAR), 0)"


def _offset_text(letters: str, offset: int) -> str:
    """An offset of a number of seconds by Java's letters X (Z for none) or x, one to three of them."""
    if offset == 0 and letters[0] == "X":
        return "Z"
    colon = ":" if len(letters) == 3 else ""
    hours, minutes, seconds = abs(offset) // 3600, abs(offset) // 60 % 60, abs(offset) % 60
    text = f"{'-' if offset < 0 else '+'}{hours:02d}"
    if len(letters) > 1 or minutes:
        text += f"{colon}{minutes:02d}"
    return f"{text}{colon}{seconds:02d}" if seconds and len(letters) > 1 else text


def _offset_sql(letters: str, offset: str) -> str:
    """As `_offset_text` for an offset that SQL computes."""
    colon = ":" if len(letters) == 3 else ""
    hours, minutes, seconds = (
        f"printf('{colon if part else ''}%02d', {value})"
        for part, value in enumerate(
            (f"abs({offset}) // 3600", f"abs({offset}) // 60 % 60", f"abs({offset}) % 60")
        )
    )
    text = f"CASE WHEN {offset} < 0 THEN '-' ELSE '+' END || {hours}"
    if len(letters) > 1:
        text += f" || {minutes} || CASE WHEN {offset} % 60 <> 0 THEN {seconds} ELSE '' END"
    else:
        text += f" || CASE WHEN {offset} // 60 % 60 <> 0 THEN {minutes} ELSE '' END"
    return f"CASE WHEN {offset} = 0 THEN 'Z' ELSE {text} END" if letters[0] == "X" else f"({text})"
