"""Weights of dimensions: the published prior, and means on the rating scale."""

import pytest

from gapengine.errors import SettingsError
from gapengine.importance import PUBLISHED, prior_weights, weighted_overall


def test_the_prior_is_the_published_one_and_says_so() -> None:
    weights = prior_weights(tuple(PUBLISHED))

    assert weights.source == "published prior"
    assert weights.shares == pytest.approx(
        {
            "reliability": 0.32,
            "responsiveness": 0.22,
            "assurance": 0.19,
            "empathy": 0.16,
            "tangibles": 0.11,
        }
    )


def test_an_unknown_dimension_weighs_as_the_average_one() -> None:
    shares = prior_weights((*PUBLISHED, "social_responsibility")).shares

    assert shares["social_responsibility"] == pytest.approx(1 / 6)
    assert sum(shares.values()) == pytest.approx(1)
    assert prior_weights(("overall",)).shares == {"overall": 1.0}


def test_points_and_fractions_give_the_same_mean() -> None:
    values = {"a": -1.0, "b": -2.0}

    assert weighted_overall(values, {"a": 75, "b": 25}) == pytest.approx(-1.25)
    assert weighted_overall(values, {"a": 0.75, "b": 0.25, "c": 9}) == pytest.approx(-1.25)


def test_missing_weights_are_refused() -> None:
    with pytest.raises(SettingsError, match="'b'"):
        weighted_overall({"a": 1.0, "b": 2.0}, {"a": 1})
    with pytest.raises(SettingsError, match="all dimensions"):
        weighted_overall({"a": 1.0}, {"a": 0})
    with pytest.raises(SettingsError, match="at least one"):
        prior_weights(())
