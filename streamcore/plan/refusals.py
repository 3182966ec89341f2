"""The errors of analysis, worded as PySpark words them, so that a user's search finds the same pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from streamcore.errors import AnalysisException, UnsupportedOperationException


def backticked(name: str) -> str:
    """A name as Spark's messages quote it."""
    return "`" + name.replace("`", "``") + "`"


def unresolved_column(parts: Sequence[str], candidates: Iterable[str]) -> AnalysisException:
    """No column has this name; the nearest names are suggested."""
    name = ".".join(backticked(part) for part in parts)
    near = _nearest(".".join(map(_quoted_if_needed, parts)), candidates)
    text = "A column, variable, or function parameter with name"
    if not near:
        return AnalysisException(
            f"[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] {text} {name} cannot be resolved. SQLSTATE: 42703",
            messageParameters={"objectName": name},
        )
    return AnalysisException(
        f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] {text} {name} cannot be resolved. "
        f"Did you mean one of the following? [{', '.join(near)}]. SQLSTATE: 42703",
        messageParameters={"objectName": name, "proposal": ", ".join(near)},
    )


def no_such_column(name: str, columns: Iterable[str]) -> AnalysisException:
    """A method that takes names of columns was given one that there is not."""
    listed = ", ".join(columns)
    return AnalysisException(
        f'[UNRESOLVED_COLUMN_AMONG_FIELD_NAMES] Cannot resolve column name "{name}" among ({listed}). '
        "SQLSTATE: 42703"
    )


def ambiguous_reference(parts: Sequence[str], candidates: Iterable[str]) -> AnalysisException:
    """Several columns have this name."""
    name = ".".join(backticked(part) for part in parts)
    listed = ", ".join(candidates)
    return AnalysisException(
        f"[AMBIGUOUS_REFERENCE] Reference {name} is ambiguous, could be: [{listed}]. SQLSTATE: 42704",
        messageParameters={"name": name, "referenceNames": f"[{listed}]"},
    )


def column_already_exists(name: str) -> AnalysisException:
    """Two columns of a schema have this name."""
    return AnalysisException(
        f"[COLUMN_ALREADY_EXISTS] The column {backticked(name)} already exists. Choose another name or "
        "rename the existing column. SQLSTATE: 42711"
    )


def missing_attribute(name: str, available: Iterable[str]) -> AnalysisException:
    """A column of another DataFrame was used here."""
    listed = ", ".join(f'"{candidate}"' for candidate in available)
    return AnalysisException(
        f'[MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT] Resolved attribute(s) "{name}" missing '
        f"from {listed}. Use a column of the DataFrame that this operation is called on. SQLSTATE: XX000"
    )


def ambiguous_self_join(name: str) -> AnalysisException:
    """A column that both sides of a self-join have was named through a DataFrame."""
    return AnalysisException(
        f"Column {name} are ambiguous. It's probably because you joined several Datasets together, and some "
        "of "
        "these Datasets are the same. Alias the DataFrames with different names via `DataFrame.alias` before "
        'joining them, and name the column by its alias, e.g. df.alias("a").join(df.alias("b"), '
        'col("a.id") > col("b.id")).'
    )


def missing_aggregation(name: str) -> AnalysisException:
    """A column is neither grouped by nor aggregated."""
    return AnalysisException(
        f'[MISSING_AGGREGATION] The non-aggregating expression "{name}" is based on columns which are not '
        "participating in the GROUP BY clause. Add the columns or the expression to the GROUP BY, aggregate "
        "the "
        f'expression, or use "any_value({name})" if you do not care which of the values within a group is '
        "returned. SQLSTATE: 42803"
    )


def missing_group_by() -> AnalysisException:
    """Aggregates and plain columns stand together without GROUP BY."""
    return AnalysisException(
        "[MISSING_GROUP_BY] The query does not include a GROUP BY clause. Add GROUP BY or turn it into the "
        "window functions using OVER clauses. SQLSTATE: 42803"
    )


def unresolved_field(name: str, fields: Iterable[str]) -> AnalysisException:
    """A struct has no such field."""
    listed = ", ".join(backticked(field) for field in fields)
    return AnalysisException(
        f"[FIELD_NOT_FOUND] No such struct field {backticked(name)} in {listed}. SQLSTATE: 42704",
        messageParameters={"fieldName": backticked(name), "fields": listed},
    )


def field_of_plain_value(base: str, type_text: str) -> AnalysisException:
    """A field is asked of a value that has none."""
    return AnalysisException(
        f'[INVALID_EXTRACT_BASE_FIELD_TYPE] Can\'t extract a value from "{base}". Need a complex type '
        f'[STRUCT, ARRAY, MAP] but got "{type_text.upper()}". SQLSTATE: 42000',
        messageParameters={"base": f'"{base}"', "other": f'"{type_text.upper()}"'},
    )


def wrong_number_of_arguments(name: str, least: int, most: int | None, given: int) -> AnalysisException:
    """A call has too few or too many arguments; `most` is None where any number may follow."""
    if most is None:
        wanted = f"> {least - 1}"
    else:
        wanted = str(least if least == most else list(range(least, most + 1)))
    return AnalysisException(
        f"[WRONG_NUM_ARGS.WITHOUT_SUGGESTION] The `{name}` requires {wanted} parameters but the actual "
        f"number is {given}. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' "
        "for a fix. SQLSTATE: 42605",
        messageParameters={
            "functionName": backticked(name),
            "expectedNum": wanted,
            "actualNum": str(given),
            "docroot": "https://spark.apache.org/docs/latest",
        },
    )


def unresolved_routine(name: str) -> AnalysisException:
    """There is no function of this name."""
    path = "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]"
    return AnalysisException(
        f"[UNRESOLVED_ROUTINE] Cannot resolve routine {backticked(name)} on search path {path}. "
        "SQLSTATE: 42883",
        messageParameters={"routineName": backticked(name), "searchPath": path},
    )


def cannot_expand_star(qualifier: Sequence[str], columns: Iterable[str]) -> AnalysisException:
    """`t.*` names neither a table nor a struct."""
    target, listed = ".".join(map(backticked, qualifier)), ", ".join(map(backticked, columns))
    return AnalysisException(
        f"[CANNOT_RESOLVE_STAR_EXPAND] Cannot resolve {target}.* given input columns {listed}. Please check "
        "that the specified table or struct exists and is accessible in the input columns. SQLSTATE: 42704",
        messageParameters={"targetString": target, "columns": listed},
    )


def too_many_arguments(name: str) -> AnalysisException:
    """A call has an argument that the function does not take."""
    return AnalysisException(
        f"[WRONG_NUM_ARGS.WITHOUT_SUGGESTION] The `{name}` does not take so many parameters. SQLSTATE: 42605"
    )


def named_arguments_not_supported(name: str) -> AnalysisException:
    """A call names an argument of a function whose parameters have no names."""
    return AnalysisException(
        f"[NAMED_PARAMETERS_NOT_SUPPORTED] Named parameters are not supported for function `{name}`; please "
        "retry the query with positional arguments to the function call instead. SQLSTATE: 4274K"
    )


def positional_after_named(name: str, parameter: str) -> AnalysisException:
    """In a call an argument without a name follows one that has one."""
    return AnalysisException(
        f"[UNEXPECTED_POSITIONAL_ARGUMENT] Cannot invoke routine `{name}` because it contains positional "
        f"argument(s) following the named argument assigned to `{parameter}`; please rearrange them so the "
        "positional arguments come first and then retry the query again. SQLSTATE: 4274K"
    )


def unknown_parameter(name: str, parameter: str, parameters: Iterable[str]) -> AnalysisException:
    """A call names a parameter that the function does not have."""
    near = " ".join(_nearest(parameter, map(backticked, parameters), limit=3))
    return AnalysisException(
        f"[UNRECOGNIZED_PARAMETER_NAME] Cannot invoke routine `{name}` because the routine call included a "
        f"named argument reference for the argument named `{parameter}`, but this routine does not include "
        f"any signature containing an argument with this name. Did you mean one of the following? [{near}]. "
        "SQLSTATE: 4274K"
    )


def parameter_given_twice(name: str, parameter: str, *, is_positional: bool) -> AnalysisException:
    """A call has two arguments for one parameter."""
    kind = "BOTH_POSITIONAL_AND_NAMED" if is_positional else "DOUBLE_NAMED_ARGUMENT_REFERENCE"
    why = (
        "A positional argument and named argument both referred to the same parameter. Please remove the "
        "named argument referring to this parameter."
        if is_positional
        else "More than one named argument referred to the same parameter. Please assign a value only once."
    )
    return AnalysisException(
        f"[DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.{kind}] Call to routine `{name}` is invalid because it "
        f"includes multiple argument assignments to the same parameter name `{parameter}`. {why} "
        "SQLSTATE: 4274K"
    )


def required_parameter(name: str, parameter: str, at: int) -> AnalysisException:
    """A call leaves out a parameter that has no default."""
    return AnalysisException(
        f"[REQUIRED_PARAMETER_NOT_FOUND] Cannot invoke routine `{name}` because the parameter named "
        f"`{parameter}` is required, but the routine call did not supply a value. Please update the routine "
        f"call to supply an argument value (either positionally at index {at} or by name) and retry the "
        "query again. SQLSTATE: 4274K"
    )


def unknown_window(name: str) -> AnalysisException:
    """OVER names a window that no WINDOW clause defines."""
    return AnalysisException(
        "[MISSING_WINDOW_SPECIFICATION] Window specification is not defined in the WINDOW clause for "
        f"{backticked(name)}. SQLSTATE: 42P20"
    )


def _nearest(name: str, candidates: Iterable[str], limit: int = 5) -> list[str]:
    """The candidates by their distance from `name`, the nearest first; their quotes count, as in Spark."""
    return sorted(candidates, key=lambda candidate: _distance(name, candidate))[:limit]


def _quoted_if_needed(name: str) -> str:
    is_plain = re.fullmatch(r"[a-zA-Z0-9_]+", name) is not None and not name.isdigit()
    return name if is_plain else backticked(name)


def _distance(a: str, b: str) -> int:
    """The Levenshtein distance.

    >>> _distance("kitten", "sitting")
    3
    """
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]


def window_in_where() -> AnalysisException:
    """A function over a window stands in a condition."""
    return AnalysisException(
        "[WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE] It is not allowed to use window functions inside WHERE "
        "clause. Name the value with withColumn, then filter by it; or use QUALIFY in SQL. SQLSTATE: 42601"
    )


def aggregate_in_group_by(text: str) -> AnalysisException:
    """A key of a grouping is an aggregate."""
    return AnalysisException(
        f"[GROUP_BY_AGGREGATE] Aggregate functions are not allowed in GROUP BY, but found {text}. "
        "SQLSTATE: 42903"
    )


def window_in_group_by(text: str) -> AnalysisException:
    """A key of a grouping is a function over a window."""
    return AnalysisException(
        "[UNSUPPORTED_EXPR_FOR_OPERATOR] The query operator Aggregate contains one or more unsupported "
        "expressions. Consider to rewrite it to avoid window functions, aggregate functions, and generator "
        f'functions in the Aggregate operator. Invalid expressions: ["{text}"]. SQLSTATE: 42K0E'
    )


def draw_in_group_by(text: str) -> UnsupportedOperationException:
    """A key of a grouping differs from row to row by the row's number."""
    return UnsupportedOperationException(
        f"GROUP BY {text}, which draws a value for each row, is not offered: compute the value in a subquery "
        "or with withColumn, and group by its name."
    )


def draw_in_aggregate(text: str) -> AnalysisException:
    """An aggregate reads what differs from row to row by the row's number."""
    return AnalysisException(
        "[AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION] Non-deterministic expression "
        f'"{text}" should not appear in the arguments of an aggregate function. SQLSTATE: 42845'
    )


def nested_aggregate(text: str) -> AnalysisException:
    """An aggregate stands in the argument of another one."""
    return AnalysisException(
        "[NESTED_AGGREGATE_FUNCTION] It is not allowed to use an aggregate function in the argument of "
        f"another aggregate function, as in {text}. Use the inner aggregate function in a sub-query. "
        "SQLSTATE: 42607"
    )


def invalid_view_name(name: str) -> AnalysisException:
    """A view cannot be called so."""
    return AnalysisException(
        f"Invalid view name: {name}. A name has letters, digits and _; others stand in backticks. "
        "SQLSTATE: 42602"
    )


def table_or_view_not_found(name: str) -> AnalysisException:
    """There is no table and no view of this name, which is quoted already."""
    return AnalysisException(
        f"[TABLE_OR_VIEW_NOT_FOUND] The table or view {name} cannot be found. Verify the spelling and "
        "correctness of the schema and catalog. Make it known with df.createOrReplaceTempView(...) or "
        "df.write.saveAsTable(...). SQLSTATE: 42P01"
    )


def python_function_in_lambda(name: str) -> AnalysisException:
    """A Python function is called for each element of an array or map."""
    return AnalysisException(
        "[UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF] The feature is not supported: Lambda function "
        f'with Python UDF "{name}" in a higher order function. Call it over the whole array, or over '
        "exploded rows. SQLSTATE: 0A000"
    )


_SUBQUERY = "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY"


def subquery_in_lambda() -> AnalysisException:
    """A subquery stands in the body of a lambda."""
    return AnalysisException(
        f"[{_SUBQUERY}.HIGHER_ORDER_FUNCTION] Unsupported subquery expression: Subquery expressions are not "
        "supported within higher-order functions. Please remove all subquery expressions from higher-order "
        "functions and then try the query again. SQLSTATE: 0A000"
    )


def in_subquery_of_other_length(values: Sequence[str], columns: Sequence[str]) -> AnalysisException:
    """IN compares values with the rows of a subquery that have more or fewer columns."""
    left, right = (", ".join(f'"{name}"' for name in names) for names in (values, columns))
    return AnalysisException(
        f'[DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH] Cannot resolve "({", ".join(values)} IN '
        '(listquery()))" due to data type mismatch: The number of columns in the left hand side of an IN '
        "subquery does not match the number of columns in the output of subquery. Left hand side "
        f"columns(length: {len(values)}): [{left}], right hand side columns(length: {len(columns)}): "
        f"[{right}]. SQLSTATE: 42K09"
    )


def in_subquery_of_other_type(value: str, own: str, column: str, other: str) -> AnalysisException:
    """IN compares a value with those of a column that it cannot be compared with."""
    return AnalysisException(
        f'[DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH] Cannot resolve "({value} IN (listquery()))" '
        "due to data type mismatch: The data type of one or more elements in the left hand side of an IN "
        "subquery is not compatible with the data type of the output of the subquery. Mismatched columns: "
        f'[({backticked(value)}:{own}, {backticked(column)}:{other})], left side: ["{own.upper()}"], right '
        f'side: ["{other.upper()}"]. SQLSTATE: 42K09'
    )


def outer_reference_outside_where(text: str) -> AnalysisException:
    """A subquery groups by, or aggregates, what it reads of the query around it."""
    return AnalysisException(
        f"[{_SUBQUERY}.CORRELATED_REFERENCE] Unsupported subquery expression: Expressions referencing the "
        f'outer query are not supported outside of WHERE/HAVING clauses: "{text}". SQLSTATE: 0A000'
    )


def mixed_outer_references(text: str) -> AnalysisException:
    """An aggregate of a subquery reads its own rows and those of the query around it."""
    return AnalysisException(
        f"[{_SUBQUERY}.AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES] Unsupported subquery expression: "
        "Found an aggregate function in a correlated predicate that has both outer and local references, "
        f"which is not supported: {text}. SQLSTATE: 0A000"
    )


def outer_reference_not_allowed(place: str) -> AnalysisException:
    """A subquery reads the query around it where Spark has no way to."""
    return AnalysisException(
        f"[{_SUBQUERY}.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED] Unsupported subquery expression: "
        f"Accessing outer query column is not allowed in this location: {place}. SQLSTATE: 0A000"
    )


def subquery_reads_both_sides(text: str) -> AnalysisException:
    """A subquery in the condition of a join reads columns of both inputs."""
    return AnalysisException(
        f"[{_SUBQUERY}.UNSUPPORTED_CORRELATED_EXPRESSION_IN_JOIN_CONDITION] Unsupported subquery expression: "
        f"Correlated subqueries in the join predicate cannot reference both join inputs: {text} "
        "SQLSTATE: 0A000"
    )


def nondeterministic_lateral() -> AnalysisException:
    """A LATERAL query draws random values."""
    return AnalysisException(
        f"[{_SUBQUERY}.NON_DETERMINISTIC_LATERAL_SUBQUERIES] Unsupported subquery expression: "
        "Non-deterministic lateral subqueries are not supported when joining with outer relations that "
        "produce more than one row. SQLSTATE: 0A000"
    )


def ambiguous_lateral_alias(name: str, count: int) -> AnalysisException:
    """Several entries of a select list have the alias that another refers to."""
    return AnalysisException(
        f"[AMBIGUOUS_LATERAL_COLUMN_ALIAS] Lateral column alias {backticked(name)} is ambiguous and has "
        f"{count} matches. SQLSTATE: 42702"
    )


def lateral_alias_in(place: str, alias: str, text: str) -> AnalysisException:
    """A window or an aggregate reads the alias of another entry; `place` is WINDOW or AGGREGATE_FUNC."""
    words = {"WINDOW": "window expression", "AGGREGATE_FUNC": "the aggregate function"}
    return AnalysisException(
        f"[UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_{place}] The feature is not supported: Referencing a "
        f'lateral column alias {backticked(alias)} in {words[place]} "{text}". SQLSTATE: 0A000'
    )


def unsupported_in_join(text: str) -> AnalysisException:
    """The condition of a join, or what LATERAL reads, holds an aggregate."""
    return AnalysisException(
        "[UNSUPPORTED_EXPR_FOR_OPERATOR] The query operator Join contains one or more unsupported "
        "expressions. Consider to rewrite it to avoid window functions, aggregate functions, and generator "
        f"functions in the Join operator. Invalid expressions: [{text}] SQLSTATE: 42K0E"
    )
