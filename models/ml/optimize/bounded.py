"""Minimisation within bounds, by scipy's L-BFGS-B."""

import numpy as np

from streamcore.models.ml.optimize.quasi_newton import MEMORY, Minimum, Objective


def minimize_within(
    objective: Objective,
    start: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    *,
    iterations: int,
    tolerance: float,
) -> Minimum:
    """Minimise a smooth objective where each coordinate has to stay within its bounds.

    >>> bowl = lambda point: (float(((point - 3) ** 2).sum()), 2 * (point - 3))
    >>> minimize_within(bowl, np.zeros(1), np.zeros(1), np.ones(1), iterations=9, tolerance=1e-6).point
    array([1.])
    """
    from scipy import optimize

    first = np.clip(start, lower, upper)
    history = [objective(first)[0]]
    found = optimize.minimize(
        objective,
        first,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower, upper, strict=True)),
        callback=lambda intermediate_result: history.append(float(intermediate_result.fun)),
        options={
            "maxiter": iterations,
            "maxcor": MEMORY,
            "ftol": tolerance * 1e-6,
            "gtol": tolerance * 1e-2,
            "maxls": 40,
        },
    )
    return Minimum(np.asarray(found.x, dtype=np.float64), history)
