"""GROUP BY, HAVING, and ORDER BY over a grouped query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.analysis import AnalysisSettings, aggregate
from streamcore.plan.attributes import Attribute
from streamcore.plan.grouping import contains_aggregate
from streamcore.plan.grouping_sets import Sets, aggregate_by_sets, cube_sets, rollup_sets
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.naming import output_name
from streamcore.plan.resolution import Names


def group_keys(
    group: exp.Expression | None, entries: Sequence[exp.Expression], names: Names
) -> tuple[list[exp.Expression], Sets | None]:
    """The grouping expressions of a GROUP BY clause, and the sets of their positions that it asks for."""
    if group is None:
        return [], None
    if group.args.get("all"):
        return [_bare(e) for e in entries if not contains_aggregate(e)], None
    written = list(group.expressions)
    for kind, sets_of in ((exp.Rollup, rollup_sets), (exp.Cube, cube_sets)):
        found = next((e for e in [*written, *_clause(group, kind)] if isinstance(e, kind)), None)
        if found is not None:
            keys = [_key(e, entries, names) for e in found.expressions]
            return keys, sets_of(len(keys))
    explicit = _clause(group, exp.GroupingSets) or [e for e in written if isinstance(e, exp.GroupingSets)]
    if explicit:
        return _explicit_sets(explicit[0], entries, names)
    return [_key(e, entries, names) for e in written], None


def _clause(group: exp.Expression, kind: type[exp.Expression]) -> list[exp.Expression]:
    name = {exp.Rollup: "rollup", exp.Cube: "cube", exp.GroupingSets: "grouping_sets"}[kind]
    found = group.args.get(name)
    if not found:
        return []
    return [e for e in (found if isinstance(found, list) else [found]) if isinstance(e, kind)]


def _explicit_sets(
    clause: exp.Expression, entries: Sequence[exp.Expression], names: Names
) -> tuple[list[exp.Expression], Sets]:
    keys: list[exp.Expression] = []
    sets = []
    for written in clause.expressions:
        members = written.expressions if isinstance(written, exp.Tuple) else [_unwrapped(written)]
        chosen = []
        for member in members:
            key = _key(member, entries, names)
            if key not in keys:
                keys.append(key)
            chosen.append(keys.index(key))
        sets.append(tuple(chosen))
    return keys, sets


def _unwrapped(node: exp.Expression) -> exp.Expression:
    return node.this if isinstance(node, exp.Paren) else node


def _key(written: exp.Expression, entries: Sequence[exp.Expression], names: Names) -> exp.Expression:
    """A grouping expression: a position or an alias of the select list stands for its entry."""
    if isinstance(written, exp.Literal) and not written.args.get("is_string"):
        position = int(written.name)
        if not 1 <= position <= len(entries):
            raise AnalysisException(
                f"[GROUP_BY_POS_OUT_OF_RANGE] GROUP BY position {position} is not in select list (valid "
                "range is [1, "
                f"{len(entries)}]). SQLSTATE: 42805"
            )
        return _bare(entries[position - 1])
    if isinstance(written, exp.Column) and len(written.parts) == 1 and names.find([written.name]) is None:
        for entry in entries:
            if isinstance(entry, exp.Alias) and names.same(entry.alias, written.name):
                return _bare(entry)
    return written


def _bare(entry: exp.Expression) -> exp.Expression:
    inner: exp.Expression = entry.this if isinstance(entry, exp.Alias) else entry
    return inner


@dataclass
class GroupedQuery:
    """A grouped SELECT and the further outputs that its HAVING and ORDER BY need."""

    child: LogicalPlan
    keys: list[exp.Expression]
    sets: Sets | None
    entries: list[exp.Expression]
    settings: AnalysisSettings
    _hidden: list[exp.Expression] = field(default_factory=list)

    def hidden(self, expression: exp.Expression) -> int:
        """The position, in the outputs, of an expression that is needed but not selected."""
        expanded = expression.transform(self._alias_text)
        name = exp.to_identifier(f"hidden_{len(self._hidden)}", quoted=True)
        self._hidden.append(exp.Alias(this=expanded, alias=name))
        return len(self.entries) + len(self._hidden) - 1

    def order_term(self, term: exp.Expression) -> tuple[int, bool, bool]:
        """An ORDER BY term: the position of its output, whether it ascends, whether nulls come first."""
        is_ascending = not term.args.get("desc")
        nulls_first = bool(term.args.get("nulls_first"))
        return self._position(term.this), is_ascending, nulls_first

    def plan(self) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
        """The aggregation, and its outputs: the entries, then what is hidden."""
        outputs = [*self.entries, *self._hidden]
        if self.sets is not None:
            plan = aggregate_by_sets(self.child, self.keys, self.sets, outputs, self.settings)
        else:
            plan = aggregate(self.child, self.keys, outputs, self.settings)
        return plan, plan.output

    def _position(self, key: exp.Expression) -> int:
        if isinstance(key, exp.Literal) and not key.args.get("is_string"):
            return int(key.name) - 1
        names = Names((), self.settings.case_sensitive)
        if isinstance(key, exp.Column) and len(key.parts) == 1:
            for at, entry in enumerate(self.entries):
                if names.same(output_name(entry), key.name):
                    return at
        for at, entry in enumerate(self.entries):
            if _bare(entry) == key:
                return at
        return self.hidden(key)

    def _alias_text(self, node: exp.Expression) -> exp.Expression:
        """An alias of the select list, where no column has that name, as the text it stands for."""
        if not isinstance(node, exp.Column) or len(node.parts) != 1:
            return node
        names = self.settings.names(self.child)
        for entry in self.entries:
            if isinstance(entry, exp.Alias) and names.same(entry.alias, node.name):
                return node if names.find([node.name]) is not None else exp.Paren(this=entry.this.copy())
        return node
