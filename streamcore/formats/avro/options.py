"""The options of `from_avro`: each is read, or refused with the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.formats.malformed import OnMalformed
from streamcore.spi.dead_letters import OPTION as BAD_RECORDS_PATH
from streamcore.spi.options import Options

MODES = ("PERMISSIVE", "FAILFAST")
DEEPEST = 15
_OF_FILES = (
    "recordName", "recordNamespace", "ignoreExtension", "compression", "positionalFieldMatching",
)  # fmt: skip
_READ = (
    "avroSchema", "mode", "datetimeRebaseMode", "enableStableIdentifiersForUnionType",
    "stableIdentifierPrefixForUnionType", "recursiveFieldMaxDepth", BAD_RECORDS_PATH,
)  # fmt: skip


@dataclass(frozen=True)
class UnionNames:
    """How the members of a union are called: by their places, or after a prefix by their types."""

    are_stable: bool = False
    prefix: str = "member_"


@dataclass(frozen=True)
class AvroOptions:
    """What `from_avro` was told.

    Parameters
    ----------
    reader_schema
        JSON of the schema to read into; None for the writer's.
    on_malformed
        What a malformed record gives.
    names
        The names of unions' members.
    depth
        How often a record may stand within itself; 0 for not at all.
    """

    reader_schema: str | None = None
    on_malformed: OnMalformed = OnMalformed.FAIL
    names: UnionNames = UnionNames()
    depth: int = 0


def avro_options(given: Mapping[str, str], function: str = "from_avro") -> AvroOptions:
    """Read options.  Raises for one that is unknown, of files only, or outside of its domain.

    >>> avro_options({"MODE": "permissive"}).on_malformed
    <OnMalformed.NULL_FIELDS: 2>
    """
    options = Options(given)
    for name in _OF_FILES:
        if name in options:
            raise UnsupportedOperationException(
                f"The option {name!r} is for files; {function}() has no use for it: leave it out."
            )
    if "avroSchemaUrl" in options:
        raise UnsupportedOperationException(
            "The option 'avroSchemaUrl' is not offered: read the file and give its text as 'avroSchema'."
        )
    options.reject_unknown(_READ, f"{function}()")
    rebase = options.choice("datetimeRebaseMode", ("CORRECTED", "LEGACY", "EXCEPTION"), "CORRECTED")
    if rebase != "CORRECTED":
        raise UnsupportedOperationException(
            f"The option 'datetimeRebaseMode' {rebase} is not offered: times are read as they are written, "
            "in the proleptic Gregorian calendar (CORRECTED)."
        )
    return AvroOptions(
        options.get("avroSchema"),
        on_malformed(options, function),
        UnionNames(
            options.boolean("enableStableIdentifiersForUnionType", default=False),
            options.get("stableIdentifierPrefixForUnionType", "member_"),
        ),
        _depth(options),
    )


def on_malformed(options: Options, function: str) -> OnMalformed:
    """What the mode says of malformed messages; those that become letters (`plan.bad_parses`) are null."""
    if BAD_RECORDS_PATH in options:
        return OnMalformed.NULL
    is_permissive = parse_mode(options.get("mode", "FAILFAST"), function) == "PERMISSIVE"
    return OnMalformed.NULL_FIELDS if is_permissive else OnMalformed.FAIL


def parse_mode(said: str, function: str) -> str:
    """The mode in capitals, one of those that functions have."""
    mode = said.upper()
    if mode not in MODES:
        raise AnalysisException(
            f"[PARSE_MODE_UNSUPPORTED] The function `{function}` doesn't support the {mode} mode. Acceptable "
            "modes are PERMISSIVE and FAILFAST. SQLSTATE: 42601"
        )
    return mode


def _depth(options: Options) -> int:
    depth = options.integer("recursiveFieldMaxDepth", 0) or 0
    if depth > DEEPEST:
        raise AnalysisException(
            "[STDS_INVALID_OPTION_VALUE.WITH_MESSAGE] Invalid value for source option "
            f"'recursiveFieldMaxDepth': Should not be greater than {DEEPEST}. SQLSTATE: 42616"
        )
    return max(depth, 0)
