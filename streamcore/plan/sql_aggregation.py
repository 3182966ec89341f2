"""GROUP BY, HAVING, and ORDER BY over a grouped query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.analysis import AnalysisSettings, aggregate
from streamcore.plan.attributes import Attribute
from streamcore.plan.grouping import contains_aggregate, is_aggregate_call
from streamcore.plan.grouping_sets import Sets, aggregate_by_sets, crossed, cube_sets, rollup_sets
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.naming import output_name
from streamcore.plan.positions import position
from streamcore.plan.resolution import Names, name_parts


def group_keys(
    group: exp.Expression | None, entries: Sequence[exp.Expression], names: Names
) -> tuple[list[exp.Expression], Sets | None]:
    """The grouping expressions of a GROUP BY clause, and the sets of their positions that it asks for."""
    if group is None:
        return [], None
    if group.args.get("all") and names.find(["all"]) is not None:
        # ALL is no reserved word: where a column has the name, it is meant.
        group = exp.Group(expressions=[exp.column("all", quoted=True), *group.expressions])
    if group.args.get("all"):
        if group.expressions:
            raise UnsupportedOperationException("GROUP BY ALL stands alone: no expression may follow it.")
        return [_bare(e) for e in entries if not contains_aggregate(e)], None
    clause = _Clause(entries, names)
    return clause.keys, clause.sets(group)


@dataclass
class _Clause:
    """A GROUP BY clause in the reading: the keys met so far."""

    entries: Sequence[exp.Expression]
    names: Names
    keys: list[exp.Expression] = field(default_factory=list)

    def sets(self, group: exp.Expression) -> Sets | None:
        """The sets of keys to group by; None for one set of all keys, which a plain clause asks for."""
        parts = [self._sets_of(part) for part in group.expressions]
        trailing = [
            part for name in ("rollup", "cube", "grouping_sets") for part in group.args.get(name) or []
        ]
        if not trailing and not any(isinstance(part, _ANALYTICS) for part in group.expressions):
            return None
        if trailing and not trailing[0].expressions:
            # GROUP BY a, b WITH ROLLUP (or CUBE): the keys written before are the ones of the clause.
            return _analytic_sets(trailing[0], [chosen for part in parts for chosen in part])
        if trailing and parts and any(isinstance(part, exp.GroupingSets) for part in trailing):
            # GROUP BY a, b GROUPING SETS (...): the list before only names what the sets may hold.
            parts = []
        return crossed([*parts, *(self._sets_of(part) for part in trailing)])

    def _sets_of(self, part: exp.Expression) -> list[tuple[int, ...]]:
        """The sets of one element of the clause; a plain expression is one set."""
        if isinstance(part, exp.GroupingSets):
            return [chosen for member in part.expressions for chosen in self._sets_of(member)]
        if isinstance(part, (exp.Rollup, exp.Cube)):
            return _analytic_sets(part, [self._members(member) for member in part.expressions])
        return [self._members(part)]

    def _members(self, part: exp.Expression) -> tuple[int, ...]:
        """The positions of the keys in an expression or in a list of them in parentheses."""
        members = part.expressions if isinstance(part, exp.Tuple) else [_unwrapped(part)]
        return tuple(self._position(_key(member, self.entries, self.names)) for member in members)

    def _position(self, key: exp.Expression) -> int:
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key)


_ANALYTICS = (exp.Rollup, exp.Cube, exp.GroupingSets)


def _analytic_sets(part: exp.Expression, members: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    chosen = rollup_sets(len(members)) if isinstance(part, exp.Rollup) else cube_sets(len(members))
    return [tuple(position for at in positions for position in members[at]) for positions in chosen]


def _unwrapped(node: exp.Expression) -> exp.Expression:
    return node.this if isinstance(node, exp.Paren) else node


def _key(written: exp.Expression, entries: Sequence[exp.Expression], names: Names) -> exp.Expression:
    """A grouping expression: a position or an alias of the select list stands for its entry."""
    place = position(written, len(entries), "GROUP BY")
    if place is not None:
        return _bare(entries[place])
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
        """The position, in the outputs, of an expression over the child's columns that is not selected."""
        name = exp.to_identifier(f"hidden_{len(self._hidden)}", quoted=True)
        self._hidden.append(exp.Alias(this=expression, alias=name))
        return len(self.entries) + len(self._hidden) - 1

    def condition(self, written: exp.Expression) -> int:
        """The position of a condition of HAVING; a name that a key and an alias share means the key."""
        return self.hidden(self._with_alias_texts(written, self._resolved_keys()))

    def order_term(self, term: exp.Expression) -> tuple[int, bool, bool]:
        """An ORDER BY term: the position of its output, whether it ascends, whether nulls come first."""
        is_ascending = not term.args.get("desc")
        nulls_first = bool(term.args.get("nulls_first"))
        return self._position(term.this), is_ascending, nulls_first

    def plan(self) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
        """The aggregation, and its outputs: the entries, then what is hidden."""
        outputs = [*self.entries, *self._hidden]
        aliases = {e.alias.lower(): e.this for e in self.entries if isinstance(e, exp.Alias)}
        settings = replace(self.settings, aliases=aliases)
        if self.sets is not None:
            plan = aggregate_by_sets(self.child, self.keys, self.sets, outputs, settings)
        else:
            plan = aggregate(self.child, self.keys, outputs, settings)
        return plan, plan.output

    def _position(self, key: exp.Expression) -> int:
        place = position(key, len(self.entries), "ORDER BY")
        if place is not None:
            return place
        names = Names((), self.settings.case_sensitive)
        if isinstance(key, exp.Column) and len(key.parts) == 1:
            for at, entry in enumerate(self.entries):
                if names.same(output_name(entry), key.name):
                    return at
        for at, entry in enumerate(self.entries):
            if _bare(entry) == key:
                return at
        return self.hidden(self._with_alias_texts(key, ()))

    def _resolved_keys(self) -> list[exp.Expression]:
        names = self.settings.names(self.child)
        return [names.resolve(key) for key in self.keys]

    def _with_alias_texts(self, expression: exp.Expression, kept: Sequence[exp.Expression]) -> exp.Expression:
        """Aliases of the select list as the text they stand for; inside an aggregate, columns go first.

        What resolves to one of the expressions `kept` stays as written.
        """
        names = self.settings.names(self.child)

        def rule(node: exp.Expression) -> exp.Expression:
            if node.find_ancestor(exp.Query) is not None:
                return node  # what a subquery names is looked up among its own columns first
            if kept and not isinstance(node, exp.Query) and _found_columns(node, names) in kept:
                return node.copy()  # another object, so that the parts of a key are left alone
            if not isinstance(node, exp.Column) or len(node.parts) != 1:
                return node
            text = self._alias_text(node.name, names)
            if text is None or (_is_folded(node) and names.find([node.name]) is not None):
                return node
            return exp.Paren(this=text.copy())

        found: exp.Expression = expression.transform(rule)
        return found

    def _alias_text(self, name: str, names: Names) -> exp.Expression | None:
        aliases = (e for e in self.entries if isinstance(e, exp.Alias) and names.same(e.alias, name))
        found: exp.Expression | None = next((entry.this for entry in aliases), None)
        return found


def _found_columns(expression: exp.Expression, names: Names) -> exp.Expression:
    """The expression with the columns that one name means resolved, and the others as written."""

    def rule(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column):
            return node
        try:
            return names.find(name_parts(node)) or node
        except AnalysisException:  # ambiguous: no column is meant where an alias has the name
            return node

    resolved: exp.Expression = expression.transform(rule)
    return resolved


def _is_folded(node: exp.Expression) -> bool:
    """Whether an aggregate call stands around the node."""
    around = node.parent
    while isinstance(around, exp.Expression):
        if is_aggregate_call(around):
            return True
        around = around.parent
    return False
