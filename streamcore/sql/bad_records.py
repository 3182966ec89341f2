"""The option badRecordsPath of a reader: lines that do not fit become letters, with their file's path."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import passed_through, reference
from streamcore.plan.dead_letters import diverted, filled, located
from streamcore.plan.expressions import parse_expression
from streamcore.plan.logical import LogicalPlan, Project, Relation
from streamcore.spi.dead_letters import OPTION, LetterBox
from streamcore.spi.types import StringType, StructField, StructType

_FORMATS: Final = ("csv", "json")
_COLUMN: Final = "_bad_record"
_IS_BAD: Final = parse_expression("record IS NOT NULL")
_OTHER_WORDS: Final = ("columnNameOfCorruptRecord", "mode")


@dataclass(frozen=True)
class BadRecords:
    """What a reader does with lines that do not fit: `path` is the user's folder."""

    format: str
    path: str

    def leaf_schema(self, schema: StructType) -> StructType:
        """What the source is asked for: the columns of the user, and the text of a bad line."""
        return StructType([*self.user_schema(schema).fields, StructField(_COLUMN, StringType())])

    def user_schema(self, schema: StructType) -> StructType:
        """The schema without the column that a source which infers it may add for bad lines."""
        return StructType([field for field in schema.fields if field.name != _COLUMN])

    def apart(self, leaf: Relation) -> LogicalPlan:
        """The rows of lines that fit; of the others letters are kept."""
        rows, place = located(leaf)
        text = next(column for column in leaf.columns if column.name == _COLUMN)
        is_bad = filled(_IS_BAD, {"record": reference(text)})
        reason = f"no {self.format.upper()} of the schema"
        good = diverted(rows, is_bad, reference(text), reason, place, LetterBox(self.path))
        return Project(good, tuple(passed_through(column) for column in leaf.columns if column is not text))


def bad_records(name: str, options: MutableMapping[str, Any]) -> BadRecords | None:
    """What the options say of bad records, which is taken out of them; None where they say nothing.

    Raises AnalysisException where they have another word on the same.
    """
    given = {key.lower(): key for key in options}
    if OPTION.lower() not in given or name.lower() not in _FORMATS:
        return None
    path = str(options.pop(given[OPTION.lower()]))
    for other in _OTHER_WORDS:
        said = str(options.get(given.get(other.lower(), other), "PERMISSIVE"))
        if said.upper() != "PERMISSIVE":
            raise AnalysisException(
                f"the {name} source has the options {OPTION} and {other}={said}: bad records either go to a "
                "folder or are treated by the other option; leave out one of the two"
            )
    options["columnNameOfCorruptRecord"] = _COLUMN
    return BadRecords(name.lower(), path)


def plan_of(
    bad: BadRecords | None, schema: StructType, leaf: Callable[[StructType], Relation]
) -> LogicalPlan:
    """The plan over the leaf that is made for a schema."""
    return leaf(schema) if bad is None else bad.apart(leaf(bad.leaf_schema(schema)))
