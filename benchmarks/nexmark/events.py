"""The events of Nexmark in Parquet, in order of time: in fifty one person, three auctions and 46 bids.

As published: half of the bids go to one auction of the last hundred, three of four bids come from one person
and three of four auctions are of one seller of the last hundred; the others are spread over the auctions that
are open and over the thousand people who came last.  The same rows on every machine, written once, into the
user's cache folder.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.events import cache_folder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]

PERSON = (
    "id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, "
    "dateTime TIMESTAMP, extra STRING"
)
AUCTION = (
    "id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP, "
    "expires TIMESTAMP, seller BIGINT, category BIGINT, extra STRING"
)
BID = (
    "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, "
    "extra STRING"
)

_FORMAT = "nexmark-1"  # part of the folder's name: another shape is another folder
_FIRST_US = 1_700_000_000_000_000
_SPAN_US = 200_000_000
_FIRST_PERSON = _FIRST_AUCTION = 1000
_FIRST_CATEGORY, _CATEGORIES = 10, 5
_PER_EPOCH, _AUCTIONS_PER_EPOCH, _BIDS_PER_EPOCH = 50, 3, 46
_LONGEST_US = 9_000_000
_OPEN_AUCTIONS, _ACTIVE_PEOPLE, _HOT_AMONG = 100, 1000, 100
_CITIES = {
    "AZ": ("Phoenix",),
    "CA": ("Los Angeles", "San Francisco"),
    "ID": ("Boise",),
    "OR": ("Portland", "Bend"),
    "WA": ("Seattle", "Kent", "Redmond"),
    "WY": ("Cheyenne",),
}
_FIRST_NAMES = (
    "Peter",
    "Paul",
    "Luke",
    "John",
    "Saul",
    "Vicky",
    "Kate",
    "Julie",
    "Sarah",
    "Deiter",
    "Walter",
)
_LAST_NAMES = ("Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris")
_CHANNELS = ("Google", "Facebook", "Baidu", "Apple")


@dataclass(frozen=True)
class Folders:
    """Where the files of each kind are: as many of each, and those of one number span the same time."""

    person: Path
    auction: Path
    bid: Path


def nexmark_files(events: int, files: int) -> Folders:
    """Return the folders with `events` events, which span 200 s, in `files` files of each kind."""
    folder = cache_folder() / f"{_FORMAT}-{events}-in-{files}"
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        _write(_folders(making), events, files)
        try:
            making.rename(folder)
        except OSError:  # another run was faster: its rows are the same
            shutil.rmtree(making)
    return _folders(folder)


def _folders(folder: Path) -> Folders:
    return Folders(folder / "person", folder / "auction", folder / "bid")


def _write(folders: Folders, events: int, files: int) -> None:
    import pyarrow.parquet as pq

    epochs = events // _PER_EPOCH
    bounds = [epochs * number // files for number in range(files + 1)]
    for kind, make in (("person", _people), ("auction", _auctions), ("bid", _bids)):
        folder: Path = getattr(folders, kind)
        folder.mkdir(parents=True)
        for number, (first, end) in enumerate(pairwise(bounds)):
            path = folder / f"{number:03d}.parquet"
            pq.write_table(make(_Draw(kind, number, first, end, _SPAN_US // events)), path)
            os.utime(path, (1_600_000_000 + number,) * 2)


class _Draw:
    """What is drawn for the events of one kind in the epochs from `first` to before `end`."""

    def __init__(self, kind: str, number: int, first: int, end: int, us_per_event: int) -> None:
        import numpy as np

        self._random = np.random.default_rng([1, number, *kind.encode()])
        self.epochs = np.arange(first, end, dtype=np.int64)
        self.us_per_event = us_per_event

    def of_each_epoch(self, events: int) -> tuple[Integers, Integers]:
        """The epoch of each event, where every epoch has as many, and its place there."""
        import numpy as np

        places = np.tile(np.arange(events, dtype=np.int64), len(self.epochs))
        return np.repeat(self.epochs, events), places

    def times(self, epochs: Integers, places: Integers) -> Integers:
        """Microseconds; the events of an epoch come one after another."""
        return _FIRST_US + (epochs * _PER_EPOCH + places) * self.us_per_event

    def between(self, low: Any, high: Any, count: int) -> Integers:
        """Integers from `low` to before `high`."""
        return self._random.integers(low, high, count)

    def hot_or(self, ratio: int, hot: Integers, other: Integers) -> Integers:
        """Of every `ratio` all but one are hot."""
        import numpy as np

        return np.where(self.between(0, ratio, len(hot)) > 0, hot, other)

    def one_of(self, words: Any, count: int) -> Any:
        """Words, each as often as any other."""
        import pyarrow as pa

        return pa.array(words).take(pa.array(self.between(0, len(words), count)))

    def filling(self, count: int, digits: int) -> Any:
        """Text that cannot be packed."""
        import pyarrow as pa

        raw = self._random.bytes(count * digits // 2).hex()
        return pa.array([raw[at : at + digits] for at in range(0, count * digits, digits)])


def _people(draw: _Draw) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    epochs, places = draw.of_each_epoch(1)
    count = len(epochs)
    homes = [(city, state) for state, cities in _CITIES.items() for city in cities]
    home = pa.array(draw.between(0, len(homes), count))
    first, last = draw.one_of(_FIRST_NAMES, count), draw.one_of(_LAST_NAMES, count)
    mail = pc.binary_join_element_wise(last, "com", ".")
    return pa.table(
        {
            "id": _FIRST_PERSON + epochs,
            "name": pc.binary_join_element_wise(first, last, " "),
            "emailAddress": pc.binary_join_element_wise(first, mail, "@"),
            "creditCard": pc.cast(pa.array(draw.between(10**15, 10**16, count)), pa.string()),
            "city": pa.array([city for city, _ in homes]).take(home),
            "state": pa.array([state for _, state in homes]).take(home),
            "dateTime": _timestamps(draw.times(epochs, places)),
            "extra": draw.filling(count, 60),
        }
    )


def _auctions(draw: _Draw) -> Any:
    import pyarrow as pa

    epochs, places = draw.of_each_epoch(_AUCTIONS_PER_EPOCH)
    count = len(epochs)
    times = draw.times(epochs, places + 1)
    # As many auctions are open at a time as a bid may be for.
    longest = min(2 * _OPEN_AUCTIONS * _PER_EPOCH // _AUCTIONS_PER_EPOCH * draw.us_per_event, _LONGEST_US)
    first_bid = _prices(draw, count)
    return pa.table(
        {
            "id": _FIRST_AUCTION + epochs * _AUCTIONS_PER_EPOCH + places,
            "itemName": draw.filling(count, 20),
            "description": draw.filling(count, 100),
            "initialBid": first_bid,
            "reserve": first_bid + _prices(draw, count),
            "dateTime": _timestamps(times),
            "expires": _timestamps(times + 1000 + draw.between(0, longest, count)),
            "seller": _FIRST_PERSON + draw.hot_or(4, _hot(epochs), _active_people(draw, epochs)),
            "category": _FIRST_CATEGORY + draw.between(0, _CATEGORIES, count),
            "extra": draw.filling(count, 40),
        }
    )


def _bids(draw: _Draw) -> Any:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    epochs, places = draw.of_each_epoch(_BIDS_PER_EPOCH)
    count = len(epochs)
    newest = epochs * _AUCTIONS_PER_EPOCH + _AUCTIONS_PER_EPOCH - 1
    open_ones = draw.between(np.maximum(newest - _OPEN_AUCTIONS, 0), newest + 1, count)
    channel = draw.one_of([*_CHANNELS, *(f"channel-{number}" for number in range(100))], count)
    return pa.table(
        {
            "auction": _FIRST_AUCTION + draw.hot_or(2, _hot(newest), open_ones),
            "bidder": _FIRST_PERSON + draw.hot_or(4, _hot(epochs) + 1, _active_people(draw, epochs)),
            "price": _prices(draw, count),
            "channel": channel,
            "url": pc.binary_join_element_wise("https://www.nexmark.com", channel, "item.htm", "/"),
            "dateTime": _timestamps(draw.times(epochs, places + 1 + _AUCTIONS_PER_EPOCH)),
            "extra": draw.filling(count, 20),
        }
    )


def _hot(newest: Integers) -> Integers:
    return newest // _HOT_AMONG * _HOT_AMONG


def _active_people(draw: _Draw, epochs: Integers) -> Integers:
    import numpy as np

    return draw.between(np.maximum(epochs + 1 - _ACTIVE_PEOPLE, 0), epochs + 1, len(epochs))


def _prices(draw: _Draw, count: int) -> Integers:
    """Cents, from one to a million dollars: as many of each order of magnitude."""
    import numpy as np

    cents: Integers = np.rint(np.power(10.0, draw.between(0, 6_000_000, count) / 1e6) * 100).astype(np.int64)
    return cents


def _timestamps(microseconds: Integers) -> Any:
    import pyarrow as pa

    return pa.array(microseconds, pa.timestamp("us", "UTC"))
