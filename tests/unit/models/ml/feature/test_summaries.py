"""Moments, extremes and quantiles of features."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from streamcore.models.ml.feature.summaries import extremes_of, moments_of, quantiles, quantiles_of

ROWS = np.random.default_rng(7).normal(size=(40, 3)) * (np.random.default_rng(8).random((40, 3)) < 0.4)


def test_sparse_rows_have_the_moments_of_dense_ones():
    dense, thin = moments_of(ROWS), moments_of(sparse.csr_matrix(ROWS))
    np.testing.assert_allclose(thin.mean, dense.mean, rtol=1e-12)
    np.testing.assert_allclose(thin.variance, np.var(ROWS, axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(dense.variance, np.var(ROWS, axis=0, ddof=1), rtol=1e-12)


@pytest.mark.parametrize("kept", [np.asarray, sparse.csr_matrix])
def test_what_never_changes_has_a_variance_of_exactly_zero(kept):
    moments = moments_of(kept(np.full((3, 1), 0.1)))
    assert (moments.mean[0], moments.variance[0]) == (0.1, 0.0)


@pytest.mark.parametrize("kept", [np.asarray, sparse.csr_matrix])
def test_extremes_count_the_zeros_that_are_not_kept(kept):
    low, high = extremes_of(kept(np.array([[0.0, -2.0], [3.0, -1.0]])))
    assert (low.tolist(), high.tolist()) == ([0.0, -2.0], [3.0, -1.0])


def test_extremes_pass_over_nan():
    low, high = extremes_of(np.array([[np.nan, 1.0], [2.0, np.nan]]))
    assert (low.tolist(), high.tolist()) == ([2.0, 1.0], [2.0, 1.0])


def test_sparse_rows_have_the_quantiles_of_dense_ones():
    for dense, thin in zip(
        quantiles_of(ROWS, [0.1, 0.5]), quantiles_of(sparse.csr_matrix(ROWS), [0.1, 0.5]), strict=True
    ):
        assert dense.tolist() == thin.tolist()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30), st.floats(0, 1))
def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed(values, probability):
    (found,) = quantiles(np.array(values, dtype=float), [probability])
    wanted = max(math.ceil(probability * len(values)), 1)
    assert sum(value <= found for value in values) >= wanted > sum(value < found for value in values)
