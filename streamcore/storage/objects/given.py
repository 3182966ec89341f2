"""The settings of this process for object stores, in Hadoop's names; Spark keeps them per application too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SPARK: Final = "spark.hadoop."
_BEGINNINGS: Final = ("fs.s3a.", "fs.azure.", "fs.gs.")

_given: dict[str, str] = {}


def is_store_setting(key: str) -> bool:
    """Whether a setting of a session is one of an object store.

    >>> is_store_setting("spark.hadoop.fs.s3a.endpoint"), is_store_setting("fs.gs.auth.type")
    (True, True)
    """
    return key.removeprefix(_SPARK).startswith(_BEGINNINGS)


def store_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Those of the settings that object stores read, without `spark.hadoop.`, which goes first.

    >>> store_settings({"spark.hadoop.fs.s3a.endpoint": "h", "spark.app.name": "x"})
    {'fs.s3a.endpoint': 'h'}
    """
    found = {key: value for key, value in settings.items() if key.startswith(_BEGINNINGS)}
    spark = {k.removeprefix(_SPARK): v for k, v in settings.items() if k.startswith(_SPARK)}
    return {**found, **{key: value for key, value in spark.items() if key.startswith(_BEGINNINGS)}}


def give(settings: Mapping[str, str]) -> None:
    """Takes over what these settings say of object stores, for storages that are opened from here on."""
    _given.update(store_settings(settings))


def take_back(keys: Mapping[str, str] | None = None) -> None:
    """Forgets these settings; all of them when none are named."""
    for key in list(_given if keys is None else store_settings(keys)):
        _given.pop(key, None)


def given() -> dict[str, str]:
    """The settings that `give` took over."""
    return dict(_given)
