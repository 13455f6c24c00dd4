"""Student's t quantiles of whole arrays agree with printed tables and with scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from gapengine.errors import SettingsError
from gapengine.quantiles import t_quantile


def test_the_quantiles_match_the_printed_table() -> None:
    """The usual two-sided 95 % table: 12.706, 4.303, 2.571, 2.262, 2.042, and 1.960 at infinity."""
    df = np.array([1.0, 2.0, 5.0, 9.0, 30.0, np.inf])

    quantiles = t_quantile(df, 0.975)

    assert np.round(quantiles, 3).tolist() == [12.706, 4.303, 2.571, 2.262, 2.042, 1.960]


@given(
    st.lists(st.floats(0.05, 1e7), min_size=1, max_size=20),
    st.sampled_from([0.6, 0.75, 0.95, 0.975, 0.9995]),
)
def test_the_quantiles_equal_an_inversion_of_the_distribution(
    df: list[float], probability: float
) -> None:
    wanted = stdtrit(np.array(df), probability)

    np.testing.assert_allclose(t_quantile(np.array(df), probability), wanted, rtol=1e-11)


def test_unknown_degrees_of_freedom_have_no_quantile() -> None:
    quantiles = t_quantile(np.array([[np.nan, 4.0]]), 0.975)

    assert np.isnan(quantiles).tolist() == [[True, False]]


@pytest.mark.parametrize("probability", [0.5, 1.0, 95, float("nan")])
def test_a_probability_that_is_none_is_refused(probability: float) -> None:
    with pytest.raises(SettingsError, match="probability"):
        t_quantile(np.ones(1), probability)
