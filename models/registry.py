"""The built-in models, metrics and detectors by name; a class is imported when its name is first used."""

from __future__ import annotations

BUILT_IN: dict[str, str] = {}
"""Registered name -> "module:Class"."""
