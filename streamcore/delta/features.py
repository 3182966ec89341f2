"""Which tables can be written by adding files to them, and which cannot, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.errors import UnsupportedOperationException

if TYPE_CHECKING:
    from deltalake import DeltaTable

_HARMLESS: Final = {
    "appendOnly", "invariants", "timestampNtz", "changeDataFeed", "deletionVectors", "v2Checkpoint",
    "checkConstraints", "generatedColumns", "vacuumProtocolCheck", "allowColumnDefaults", "typeWidening",
}  # fmt: skip
"""What asks nothing of a writer who adds files, or what the table's properties and columns tell of "
"besides."""
_SETTINGS: Final = {
    "delta.columnMapping.mode": ("id", "name"),
    "delta.enableRowTracking": ("true",),
    "delta.enableInCommitTimestamps": ("true",),
    "delta.enableIcebergCompatV1": ("true",),
    "delta.enableIcebergCompatV2": ("true",),
}
_COLUMNS: Final = ("delta.generationExpression", "delta.invariants", "delta.identity.", "CURRENT_DEFAULT")


def require_writable(table: DeltaTable, place: object) -> None:
    """Raises UnsupportedOperationException for a table that asks more of its writers than we do."""
    wanted = _wanted(table)
    if wanted:
        raise UnsupportedOperationException(
            f"{place} cannot be written: it needs {', '.join(wanted)}, which a writer would have to keep "
            "up. Write to a table without, or drop the feature (ALTER TABLE ... DROP FEATURE in Spark)"
        )


def _wanted(table: DeltaTable) -> list[str]:
    protocol, settings = table.protocol(), table.metadata().configuration
    found = [f"the table feature {name}" for name in sorted({*(protocol.writer_features or ())} - _HARMLESS)]
    for name, values in _SETTINGS.items():
        if settings.get(name, "").lower() in values:
            found.append(f"{name}={settings[name]}")
    found += [f"the constraint {name}" for name in settings if name.startswith("delta.constraints.")]
    for field in table.schema().fields:
        marks = [key for key in field.metadata if key.startswith(_COLUMNS)]
        found += [f"{key} of the column {field.name}" for key in marks]
    return found
