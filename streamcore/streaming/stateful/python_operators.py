"""The operator of a node that hands groups to Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.python_state.exchange import Schemas
from streamcore.execution.python_state.flavors import Flavor
from streamcore.execution.python_state.group_program import GroupProgram
from streamcore.execution.python_state.processor_program import ProcessorProgram
from streamcore.execution.python_state.variables import StateVariable
from streamcore.execution.python_workers.pool import Program
from streamcore.streaming.stateful.group_function import StreamingGroupFunction
from streamcore.streaming.stateful.groups_port import struct_of
from streamcore.streaming.stateful.processor import StreamingProcessor
from streamcore.streaming.stateful.python_groups import PythonGroups

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.plan.logical import StatefulGroups
    from streamcore.spi.types import StructType


@dataclass(frozen=True)
class ProcessorCall:
    """What the plan keeps of `transformWithState`: the processor, how it sees rows, what it has declared."""

    processor: Any
    flavor: Flavor
    variables: tuple[StateVariable, ...]

    def operator(self, name: str, node: StatefulGroups) -> PythonGroups:
        """The operator of a stage."""
        program = ProcessorProgram(
            self.processor, self.flavor, _schemas(node), node.function.time_mode, self.variables
        )
        return StreamingProcessor(name, node, Program(program), self.variables)


@dataclass(frozen=True)
class FunctionCall:
    """What the plan keeps of `applyInPandasWithState`."""

    function: Callable[..., Any]
    time_zone: str
    state: StructType
    timeout: str

    def operator(self, name: str, node: StatefulGroups) -> PythonGroups:
        """The operator of a stage."""
        program = GroupProgram(self.function, self.time_zone, _schemas(node), self.state)
        return StreamingGroupFunction(name, node, Program(program), self.state, self.timeout)


def python_operator(name: str, node: StatefulGroups) -> PythonGroups:
    """The operator of a node; UnpicklableValue where what the user wrote cannot be sent to a worker."""
    call: ProcessorCall | FunctionCall = node.function.program
    return call.operator(name, node)


def _schemas(node: StatefulGroups) -> Schemas:
    initial = None if node.initial is None else struct_of(node.initial_values)
    return Schemas(struct_of(node.keys), struct_of(node.values), struct_of(node.columns), initial)
