"""Both gap sets, their maps and the chain agree with the published algebra."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapengine.vantage import (
    CHAIN,
    CLASSIC_GAPS,
    GROUPS,
    SEED_GAPS,
    Group,
    Harm,
    Vantage,
    chain_over,
    conversion,
    gap_values,
    group_of,
    incidence,
    names_of,
)

CASES = Path(__file__).parents[1] / "cases"
ALGEBRA = json.loads((CASES / "gap_algebra.json").read_text())

levels = st.fixed_dictionaries({v: st.floats(1, 7) for v in Vantage})


def test_the_gap_sets_are_those_of_the_published_algebra() -> None:
    for gaps, key in ((SEED_GAPS, "seed_gaps"), (CLASSIC_GAPS, "classic_gaps")):
        assert {g.name: [g.minuend, g.subtrahend] for g in gaps} == ALGEBRA[key]
    assert [v.value for v in Vantage] == ALGEBRA["vantage_order"]
    assert incidence(SEED_GAPS).tolist() == ALGEBRA["incidence_seed"]
    assert incidence(CLASSIC_GAPS).tolist() == ALGEBRA["incidence_classic"]


def test_the_maps_between_the_sets_are_exact_and_mutually_inverse() -> None:
    there = conversion(SEED_GAPS, CLASSIC_GAPS)
    back = conversion(CLASSIC_GAPS, SEED_GAPS)

    assert there.tolist() == ALGEBRA["classic_from_seed"]["matrix"]
    assert back.tolist() == ALGEBRA["seed_from_classic"]["matrix"]
    assert (there @ back == np.eye(5)).all()
    assert round(abs(float(np.linalg.det(there)))) == ALGEBRA["det"]


def test_the_gaps_match_the_worked_example() -> None:
    example = ALGEBRA["worked_example"]
    means = {Vantage(point): mean for point, mean in example["vantage_means"].items()}

    assert gap_values(means, SEED_GAPS) == pytest.approx(example["seed"])
    assert gap_values(means, CLASSIC_GAPS) == pytest.approx(example["classic"])


def test_staff_who_overrate_themselves_by_one_point_move_the_gaps_as_published() -> None:
    flat = dict.fromkeys(Vantage, 4.0)
    shifted = flat | {Vantage.DELIVERED: 5.0}

    assert gap_values(shifted, SEED_GAPS) == ALGEBRA["bias_if_D_shifted_by_plus_1"]
    assert gap_values(shifted, CLASSIC_GAPS) == ALGEBRA["classic_bias_if_D_shifted_by_plus_1"]


@given(levels)
def test_either_set_gives_the_other_and_the_chain_adds_up(means: dict[Vantage, float]) -> None:
    seed, classic = gap_values(means, SEED_GAPS), gap_values(means, CLASSIC_GAPS)
    translated = conversion(SEED_GAPS, CLASSIC_GAPS) @ list(seed.values())

    assert translated == pytest.approx(list(classic.values()), abs=1e-9)
    assert sum(gap_values(means, CHAIN).values()) == pytest.approx(classic["G5"], abs=1e-9)
    assert seed["delivery"] == pytest.approx(classic["G1"] + classic["G2"] + classic["G3"])
    assert classic["G5"] == pytest.approx(seed["perception"] + seed["delivery"], abs=1e-9)


@given(levels, st.sets(st.sampled_from("DSM")))
def test_a_missing_point_joins_its_neighbours_and_the_chain_still_adds_up(
    means: dict[Vantage, float], missing: set[str]
) -> None:
    links = chain_over([v for v in Vantage if v not in missing])

    assert sum(gap_values(means, links).values()) == pytest.approx(
        means[Vantage.PERCEIVED] - means[Vantage.EXPECTED], abs=1e-9
    )
    assert len(links) == 4 - len(missing)


def test_a_joined_link_is_labelled_by_the_points_it_runs_between() -> None:
    assert [g.label for g in chain_over([Vantage(v) for v in "PSME"])] == ["P-S", "S-M", "M-E"]
    assert chain_over([Vantage.PERCEIVED]) == ()


def test_a_gap_whose_point_is_unknown_has_no_value() -> None:
    assert gap_values({Vantage.EXPECTED: 6.0, Vantage.PERCEIVED: 5.0}, CLASSIC_GAPS) == {"G5": -1.0}


def test_only_managers_belief_harms_on_both_sides() -> None:
    both = [g.name for g in (*SEED_GAPS, *CLASSIC_GAPS) if g.harm is Harm.BOTH]

    assert both == ["expectation", "G1"]


def test_every_point_is_asked_of_one_group_and_knows_all_its_names() -> None:
    assert sorted(v for points in GROUPS.values() for v in points) == sorted(Vantage)
    assert group_of(Vantage.SPECIFIED) is Group.MANAGER
    assert names_of((Vantage.DELIVERED, Vantage.SPECIFIED)) == ("specification", "G3", "D-S")
    assert names_of((Vantage.PERCEIVED, Vantage.SPECIFIED)) == ("P-S",)
