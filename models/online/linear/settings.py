"""The settings that models trained by gradient steps share."""

from __future__ import annotations

from dataclasses import dataclass

from streamcore.models.online.base import require, require_choice
from streamcore.models.online.linear.optimizers import OPTIMIZERS, Optimizer
from streamcore.models.online.supervised import Supervised
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class GradientSteps(Supervised):
    """Settings of the steps; the names are Spark's where Spark has them.

    A step follows the mean gradient of `innerStep` rows: 1 learns row by row, and then the model does not
    depend on how rows are cut into batches.  The penalty is
    `regParam * (elasticNetParam * |w| + (1 - elasticNetParam) / 2 * w^2)`; the intercept has a step size of
    its own, and no penalty.
    """

    optimizer: str = "sgd"
    stepSize: float = 0.01
    interceptStepSize: float = 0.01
    fitIntercept: bool = True
    regParam: float = 0.0
    elasticNetParam: float = 0.0
    innerStep: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self.name, "optimizer", self.optimizer, sorted(OPTIMIZERS))
        require(self.stepSize > 0, self.name, "stepSize", self.stepSize, "above 0")
        require(
            self.interceptStepSize >= 0, self.name, "interceptStepSize", self.interceptStepSize, "at least 0"
        )
        require(self.regParam >= 0, self.name, "regParam", self.regParam, "at least 0")
        require(
            0 <= self.elasticNetParam <= 1, self.name, "elasticNetParam", self.elasticNetParam, "in [0, 1]"
        )
        require(self.innerStep >= 1, self.name, "innerStep", self.innerStep, "at least 1")

    @property
    def inner_step(self) -> int:
        return self.innerStep

    @property
    def split_invariant(self) -> bool:
        return self.innerStep == 1

    @property
    def rule(self) -> Optimizer:
        """How a gradient changes the weights."""
        l1 = self.regParam * self.elasticNetParam
        return OPTIMIZERS[self.optimizer](self.stepSize, l1, self.regParam - l1)

    @property
    def intercept_rate(self) -> float:
        """The step size of the intercept; 0 when there is none to fit."""
        return self.interceptStepSize if self.fitIntercept else 0.0

    def check_forgets(self) -> None:
        """Only AdaGrad's steps depend on how much was seen."""
        if self.optimizer != "adagrad":
            super().check_forgets()

    def forget(self, state: State, kept: float) -> State:
        """Sums of squared gradients are scaled, so that steps are larger again; the weights stay."""
        self.check_forgets()
        return {name: array * kept if name == "squares" else array for name, array in state.items()}
