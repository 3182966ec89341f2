"""Messages with a registry's header: each is read by the schema that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.formats.batches import Decoder
from streamcore.formats.malformed import Malformed, OnMalformed
from streamcore.formats.registry.header import taken_apart
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa

DecoderOf: TypeAlias = "Callable[[int, bytes], tuple[Decoder, bytes]]"


@dataclass(frozen=True)
class RegistryDecoder:
    """Reads messages of any schemas into one type.

    Parameters
    ----------
    whole
        A decoder into the type that the values have.
    of
        The decoder of a schema's id and of what follows the header, and what is left to be read.  Raises
        Malformed.
    blank
        The decoder of what is malformed already, where that is null.
    """

    whole: Decoder
    of: DecoderOf
    blank: Decoder

    def values(self, rows: Sequence[bytes]) -> pa.Array:
        """The values of rows of which none is null."""
        import numpy as np
        import pyarrow as pa

        # Messages of one schema are read together; each finds its way back to its place.
        groups: dict[int, tuple[Decoder, list[int], list[bytes]]] = {}
        for number, row in enumerate(rows):
            reader, data = self._reader(number, row)
            _, places, datas = groups.setdefault(id(reader), (reader, [], []))
            places.append(number)
            datas.append(data)
        if not groups:
            return self.whole.values([])
        parts = [_numbered(reader, places).values(datas) for reader, places, datas in groups.values()]
        order = np.argsort(np.concatenate([places for _, places, _ in groups.values()]), kind="stable")
        return pa.concat_arrays(parts).take(pa.array(order))

    def _reader(self, number: int, row: bytes) -> tuple[Decoder, bytes]:
        try:
            return self.of(*taken_apart(row))
        except Malformed as error:
            if self.whole.on_malformed is OnMalformed.FAIL:
                raise self.whole.failure(number, error) from None
            return self.blank, b""


def _numbered(reader: Decoder, places: Sequence[int]) -> Decoder:
    """The decoder whose errors name rows by their places in the batch."""

    def failure(number: int, reason: object) -> Any:
        return reader.failure(places[number], reason)

    return Decoder(reader.sql, reader.row, reader.fast, failure, reader.on_malformed)


def registry_decoder(whole: Decoder, of: DecoderOf) -> RegistryDecoder:
    """The decoder of messages of any schemas into the type of `whole`."""
    has_fields = isinstance(whole.sql, StructType) and whole.on_malformed is OnMalformed.NULL_FIELDS
    value: dict[str, object] | None = {} if has_fields else None
    return RegistryDecoder(whole, of, Decoder(whole.sql, lambda _: value, None, whole.failure))
