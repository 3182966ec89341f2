"""The errors of the catalog, worded as PySpark words them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked
from streamcore.sql.tables.names import CATALOG, TableName, quoted

if TYPE_CHECKING:
    from pathlib import Path


def table_already_exists(name: TableName) -> AnalysisException:
    """A new table's name is taken."""
    return AnalysisException(
        f"[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view {name.quoted} because it already exists."
        "\nChoose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to "
        "tolerate pre-existing objects. SQLSTATE: 42P07"
    )


def location_already_exists(name: TableName, folder: Path) -> AnalysisException:
    """The folder of a new managed table is there already."""
    return AnalysisException(
        f"[LOCATION_ALREADY_EXISTS] Cannot name the managed table as {name.quoted}, as its associated "
        f"location '{folder}' already exists. Please pick a different table name, or remove the "
        "existing location first. SQLSTATE: 42710"
    )


def schema_not_found(database: str) -> AnalysisException:
    """There is no such database."""
    return AnalysisException(
        f"[SCHEMA_NOT_FOUND] The schema {quoted([CATALOG, database])} cannot be found. Verify the spelling "
        "and correctness of the schema and catalog.\nIf you did not qualify the name with a "
        "catalog, verify the current_schema() output, or qualify the name with the correct catalog.\nTo "
        "tolerate the error on drop use DROP SCHEMA IF EXISTS. SQLSTATE: 42704"
    )


def schema_already_exists(database: str) -> AnalysisException:
    """A new database's name is taken."""
    return AnalysisException(
        f"[SCHEMA_ALREADY_EXISTS] Cannot create schema {backticked(database)} because it already exists.\n"
        "Choose a different name, drop the existing schema, or add the IF NOT EXISTS clause to tolerate "
        "pre-existing schema. SQLSTATE: 42P06"
    )


def schema_not_empty(database: str) -> AnalysisException:
    """A database with tables is to be dropped."""
    return AnalysisException(
        f"[SCHEMA_NOT_EMPTY] Cannot drop a schema {backticked(database)} because it contains objects.\n"
        "Use DROP SCHEMA ... CASCADE to drop the schema and all its objects. SQLSTATE: 2BP01"
    )


def catalog_not_found(name: str) -> AnalysisException:
    """There is one catalog."""
    return AnalysisException(
        f"[CATALOG_NOT_FOUND] The catalog {backticked(name)} not found; there is {CATALOG}. SQLSTATE: 42P08"
    )


def expected_table(statement: str, name: str) -> AnalysisException:
    """A statement about tables was given a view."""
    return AnalysisException(
        f"[EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE] '{statement}' expects a table but {name} is a view. "
        "SQLSTATE: 42809"
    )


def expected_view(statement: str, name: str) -> AnalysisException:
    """A statement about views was given a table."""
    return AnalysisException(
        f"[EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE] The table {name} does not support {statement}. "
        "SQLSTATE: 42809"
    )


def temporary_in_kept(name: TableName, kind: str, temporary: str) -> AnalysisException:
    """What is kept names what goes with the session."""
    return AnalysisException(
        f"[INVALID_TEMP_OBJ_REFERENCE] Cannot create the persistent object {name.quoted} of the type VIEW "
        f"because it references to the temporary object {temporary} of the type {kind}. Please make the "
        f"temporary object {temporary} persistent, or make the persistent object {name.quoted} temporary. "
        "SQLSTATE: 42K0F"
    )


def no_table_operation(name: TableName, operation: str) -> AnalysisException:
    """The files of a table cannot be changed so, as in Spark."""
    return AnalysisException(
        f"[UNSUPPORTED_FEATURE.TABLE_OPERATION] The feature is not supported: Table {name.quoted} does not "
        f"support {operation}. Tables of files take INSERT and INSERT OVERWRITE. SQLSTATE: 0A000"
    )
