"""The options of `from_protobuf` and `to_protobuf`: each is read, or refused with the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamcore.errors import AnalysisException
from streamcore.formats.avro.options import on_malformed
from streamcore.formats.malformed import OnMalformed
from streamcore.spi.dead_letters import OPTION as BAD_RECORDS_PATH
from streamcore.spi.options import Options

DEEPEST = 10
_KNOWN = (
    "mode", "recursive.fields.max.depth", "convert.any.fields.to.json", "emit.default.values",
    "enums.as.ints", "upcast.unsigned.ints", "unwrap.primitive.wrapper.types", "retain.empty.message.types",
    BAD_RECORDS_PATH,
)  # fmt: skip


@dataclass(frozen=True)
class ProtobufOptions:
    """What `from_protobuf` was told.

    Parameters
    ----------
    on_malformed
        What a malformed message gives.
    depth
        How often a message may stand within itself; 0 for not at all.
    any_as_json
        Whether a `google.protobuf.Any` is read as JSON text.
    emits_defaults
        Whether a field without presence that is not in a message is its default; else it is null.
    enums_as_ints
        Whether an enum is its number instead of its name.
    upcasts_unsigned
        Whether unsigned numbers are read into wider types; else the upper half of them is negative.
    unwraps
        Whether a wrapper of a primitive, such as `google.protobuf.Int32Value`, is the primitive.
    keeps_empty
        Whether a message without fields is kept, with a field that is always null.
    """

    on_malformed: OnMalformed = OnMalformed.FAIL
    depth: int = 0
    any_as_json: bool = False
    emits_defaults: bool = False
    enums_as_ints: bool = False
    upcasts_unsigned: bool = False
    unwraps: bool = False
    keeps_empty: bool = False


def protobuf_options(given: Mapping[str, str], function: str = "from_protobuf") -> ProtobufOptions:
    """Read options.  Raises for one that is unknown or outside of its domain.

    >>> protobuf_options({"Enums.As.Ints": "true"}).enums_as_ints
    True
    """
    options = Options(given)
    options.reject_unknown(_KNOWN, f"{function}()")
    depth = options.integer("recursive.fields.max.depth", 0) or 0
    if not 0 <= depth <= DEEPEST and depth != -1:
        raise AnalysisException(
            f"The option 'recursive.fields.max.depth' must be between 1 and {DEEPEST}, not {depth}. Going "
            f"beyond {DEEPEST} levels of recursion is not allowed."
        )
    return ProtobufOptions(
        on_malformed=on_malformed(options, function),
        depth=max(depth, 0),
        any_as_json=options.boolean("convert.any.fields.to.json", default=False),
        emits_defaults=options.boolean("emit.default.values", default=False),
        enums_as_ints=options.boolean("enums.as.ints", default=False),
        upcasts_unsigned=options.boolean("upcast.unsigned.ints", default=False),
        unwraps=options.boolean("unwrap.primitive.wrapper.types", default=False),
        keeps_empty=options.boolean("retain.empty.message.types", default=False),
    )
