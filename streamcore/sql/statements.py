"""session.sql: one statement of SQL text, its parameters bound."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.execution.leaves import range_relation
from streamcore.plan.analysis import AnalysisSettings
from streamcore.plan.expressions import parse_statement
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.modes import Modes
from streamcore.plan.older_syntax import OlderSyntax
from streamcore.plan.places import no_places, places_in
from streamcore.plan.refusals import backticked
from streamcore.plan.resolution import written_name
from streamcore.plan.sql_tables import QueryScope
from streamcore.plan.sql_text import query_scope
from streamcore.spi.types import DataType
from streamcore.sql.commands.answers import no_rows
from streamcore.sql.commands.cursor import Cursor
from streamcore.sql.commands.identifiers import has_identifiers, with_identifiers
from streamcore.sql.commands.parameters import bound, literal_of, with_values
from streamcore.sql.commands.registry import FIRST_WORDS, Command, read_command
from streamcore.sql.commands.words import first_word, words_of
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.names_of_session import NamesOfSession
from streamcore.sql.tables.resolving import lookup
from streamcore.sql.tables.view_plans import Reach

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session
    from streamcore.sql.tables.view_metadata import ViewMetadata

_OF_QUERIES = ("with", "from")
"""Words with which commands begin, and queries too."""

_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)

Arguments = Mapping[str, Any] | Sequence[Any] | None


def run_statement(session: Session, text: str, args: Arguments, named: Mapping[str, Any]) -> DataFrame:
    """The result of one statement; commands are carried out now, queries when an action asks."""
    frames: dict[str, LogicalPlan] = {}
    if named:
        text = _formatted(text, named, frames)
    return Statement(session, frames, args).run(text)


def plan_of_view(session: Session, view: ViewMetadata, reach: Reach) -> LogicalPlan:
    """The plan of the query of a view, under the settings that the view was made with."""
    with no_places():
        return Statement(session, settings=view.settings).plan(view.text, reach)


class Statement:
    """A statement in its session.

    `frames` are DataFrames that the text names by parameters, `args` the values of its markers. `settings`
    hold for the analysis in the place of those of the session.
    """

    def __init__(
        self,
        session: Session,
        frames: Mapping[str, LogicalPlan] | None = None,
        args: Arguments = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.session = session
        self.frames = frames or {}
        self._args = args
        self._settings = settings or {}

    def run(self, text: str) -> DataFrame:
        """Carries out a command, or plans a query."""
        written = text
        text = self._with_names(text.strip().rstrip(";").strip())
        if self.is_command(text):
            command = self.read(text)
            if command is not None:
                answer = command(self)
                return no_rows(self.session) if answer is None else answer
            if first_word(text) not in _OF_QUERIES:
                raise _refused(text)
        node = self._parsed(text)
        if isinstance(node, _QUERIES):
            with places_in(written, written.find(_with_select(text))):
                return self.frame_of(node)
        raise _refused(text)

    def _with_names(self, text: str) -> str:
        """The text with the names that IDENTIFIER(...) computes."""
        if not has_identifiers(text):
            return text
        return with_identifiers(with_values(text, self._args), self.constant)

    def is_command(self, text: str) -> bool:
        """Whether a text begins as a command does; whether it is one is known when it is read."""
        return first_word(text) in FIRST_WORDS

    def read(self, text: str) -> Command | None:
        """A command, read to its end; None when the text is another statement. Raises ParseException."""
        return read_command(Cursor(with_values(text, self._args)))

    # ---- queries and expressions inside a statement ----------------------------------------------

    def frame(self, text: str) -> DataFrame:
        """The DataFrame of a query."""
        return self.frame_of(self.parsed_query(text))

    def plan(self, text: str, reach: Reach | None = None) -> LogicalPlan:
        """The plan of a query; with `reach` its names are those of a view's text."""
        return self._plan(self.parsed_query(text), reach)

    def parsed_query(self, text: str) -> exp.Expression:
        """A query, parsed, its parameters bound; raises ParseException for another statement."""
        node = self._parsed(text)
        if not isinstance(node, _QUERIES):
            raise ParseException(f"[PARSE_SYNTAX_ERROR] Expected a query: {text!r}. SQLSTATE: 42601")
        return node

    def frame_of(self, node: exp.Expression) -> DataFrame:
        """The DataFrame of a parsed query."""
        return frame_of(self._plan(node, None), self.session)

    def value(self, text: str) -> Any:
        """The value of a constant expression."""
        row = self.frame(f"SELECT {text} AS value").first()
        return None if row is None else row[0]

    def typed_value(self, text: str, wanted: DataType | None) -> tuple[Any, DataType]:
        """The value of a constant expression, stored as a type, and that type."""
        frame = self.frame(f"SELECT {text} AS value")
        if wanted is not None:
            frame = frame.select(frame["value"].cast(wanted).alias("value"))
        row = frame.first()
        return (None if row is None else row[0]), frame.schema.fields[0].dataType

    def with_arguments(self, args: Arguments) -> Statement:
        """Another statement in the same place, with other values for its markers."""
        return Statement(self.session, self.frames, args, self._settings)

    def values(self, texts: Mapping[str, str]) -> dict[str, str | None]:
        """The values of constant expressions as texts, by name."""
        if not texts:
            return {}
        columns = ", ".join(f"CAST({text} AS STRING)" for text in texts.values())
        row = self.frame(f"SELECT {columns}").first()
        return dict(zip(texts, row or (), strict=True))

    def constant(self, text: str) -> str:
        """The text that a constant expression gives, as IDENTIFIER(...) takes it."""
        found = self.value(text)
        if not isinstance(found, str):
            raise AnalysisException(
                "[NOT_A_CONSTANT_STRING.WRONG_TYPE] The expression "
                f'"{text}" used for the routine or clause IDENTIFIER must be a constant STRING which is NOT '
                "NULL. SQLSTATE: 42601"
            )
        return found

    def settings(self, reach: Reach | None = None) -> AnalysisSettings:
        """The settings that analysis depends on."""
        found = self.session.analysis_settings
        if reach is not None:
            found = replace(found, of_session=NamesOfSession(self.session, reach.database, reach.kept))
        if not self._settings:
            return found
        case_sensitive = self._settings.get("spark.sql.caseSensitive") == "true"
        return replace(found, case_sensitive=case_sensitive, modes=Modes.of(self._settings))

    def _parsed(self, text: str) -> exp.Expression:
        older = OlderSyntax.of(self._settings.get if self._settings else self.session.conf.get)
        return bound(parse_statement(_with_select(self._with_names(text)), older), self._args)

    def scope(self, reach: Reach | None) -> QueryScope:
        """What a query may refer to; with `reach`, the names are those of a text that is kept."""
        return query_scope(self.settings(reach), lambda parts: self._table(parts, reach), _numbers)

    def _plan(self, node: exp.Expression, reach: Reach | None) -> LogicalPlan:
        return self.scope(reach).query(node)

    def _table(self, parts: Sequence[str], reach: Reach | None) -> LogicalPlan | None:
        name = parts[-1]
        if len(parts) == 1 and name in self.frames:
            return self.frames[name]
        found = lookup(self.session, parts, reach)
        if found is not None:
            return found
        if len(parts) == 2 and ("/" in name or "." in name):
            return self.session.read.format(parts[0]).load(name).plan
        return None


def _formatted(text: str, named: Mapping[str, Any], frames: dict[str, LogicalPlan]) -> str:
    """`{name}` replaced: DataFrames by the name of a view of this statement, other values by literals."""
    from streamcore.sql.dataframe import DataFrame

    pieces, formatter = [], string.Formatter()
    for literal_text, field, _, _ in formatter.parse(text):
        pieces.append(literal_text)
        if field is None:
            continue
        try:
            value, _ = formatter.get_field(field, (), named)
        except (KeyError, IndexError):
            raise ParseException(
                f"[PARSE_SYNTAX_ERROR] The text names {{{field}}}, which is not among the arguments."
            ) from None
        if isinstance(value, DataFrame):
            frames[f"frame_{field}"] = value.plan
            pieces.append(f"`frame_{field}`")
        else:
            pieces.append(_text_of(value))
    return "".join(pieces)


def _text_of(value: Any) -> str:
    """A value as it stands in SQL text: a column by its name, several values as a list in brackets."""
    from streamcore.sql.column import Column

    if isinstance(value, list | tuple):
        return f"({', '.join(map(_text_of, value))})"
    if isinstance(value, Column) and isinstance(value.expression, exp.Column):
        return backticked(written_name(value.expression))
    return literal_of(value).sql(dialect="spark")


def _with_select(text: str) -> str:
    """`TABLE t` as the query that it is short for."""
    if first_word(text) != "table":
        return text
    words = words_of(text)
    return " ".join(["SELECT * FROM", text[words[0].end :]])


def _numbers(start: int, end: int, step: int) -> LogicalPlan:
    return range_relation(start, end, step, 1)


def _refused(text: str) -> UnsupportedOperationException:
    words = " ".join(text.split()[:2]).upper()
    return UnsupportedOperationException(
        f"The statement {words} is not offered. Queries are, and CREATE, ALTER, DROP, INSERT, TRUNCATE, USE, "
        "SHOW, DESCRIBE, EXPLAIN, SET, CACHE and COMMENT of tables, views and databases."
    )
