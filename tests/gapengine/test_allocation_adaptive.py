"""The adaptive rule: what it gains, what it keeps even, whom it never asks twice, how to replay."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import combinations
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.allocation import (
    RULE,
    Blueprint,
    Form,
    Standing,
    adaptive_draw,
    adaptive_form,
    form_for,
    standing_of,
)
from gapengine.allocation.adaptive import MEETINGS
from gapengine.allocation.criterion import Tally, criterion_of
from gapengine.allocation.spreads import Outlook
from gapengine.errors import SettingsError
from gapengine.folding import NO_RULE, AnswerColumns, fold
from gapengine.moments import Moments
from gapengine.vantage import CLASSIC_GAPS, Gap, Group, Vantage

ROOT = Path(__file__).parents[2]
E, P, C = Vantage.EXPECTED, Vantage.PERCEIVED, Vantage.COMMUNICATED
M, S, D = Vantage.BELIEVED, Vantage.SPECIFIED, Vantage.DELIVERED

SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
SERVICE = tuple((name, tuple(f"{name}.{k}" for k in range(n))) for name, n in SIZES.items())
PROMISED = ("tangibles.0", "reliability.0", "reliability.1", "assurance.0", "empathy.0")
CUSTOMERS = Blueprint(SERVICE, (E, P), extra=tuple((item, C) for item in PROMISED))
STAFF = Blueprint(SERVICE, (D,), causes=("tools", "teamwork", "control"), causes_per_form=1)
MANAGERS = Blueprint(SERVICE, (M, S), taps=4)
ALL = pytest.mark.parametrize(
    "blueprint", [CUSTOMERS, STAFF, MANAGERS], ids=["customers", "staff", "managers"]
)
HEAVY = {("P-D", "reliability"): 20.0}
TWO = Blueprint((("speed", ("first", "second")),), (D,), taps=1)


def asked_in_turn(blueprint: Blueprint, state: Standing, runs: int, *, seed: int = 7) -> list[Form]:
    """Draw forms one after the other, each counted before the next."""
    forms = []
    for number in range(runs):
        forms.append(adaptive_form(blueprint, state=state, seed=seed, sequence=number))
        state = state.after(forms[-1])
    return forms


def counted(blueprint: Blueprint, state: Standing, forms: list[Form]) -> Standing:
    for form in forms:
        state = state.after(form)
    return state


def of_staff(scores: list[tuple[int, int, int]], items: tuple[str, ...]) -> Moments:
    """Moments of staff answers given as (person, item, score)."""
    who, item, score = np.array(scores).T
    columns = AnswerColumns.of(who, item, vantage=np.zeros_like(who), score=score)
    return fold(Group.STAFF, dict.fromkeys(items, "speed"), columns)


def test_the_gain_of_an_answer_matches_the_formula_worked_by_hand() -> None:
    """Two items, weights 1/2, variances 1 and 4, correlation .5; 4 and 9 answers, half added.

    First item: 1/4 (1/4.5 - 1/5.5) = .0101010. Second: 4/4 (1/9.5 - 1/10.5) = .0100251. From
    somebody who answers the first one too it is less by 2 x 1/4 x .5 x 1 x 2 / (5.5 x 10.5).
    """
    outlook = Outlook(((D,),), ((1.0, 4.0),), 0.5, 0.0, weights=((1.0, 0.0),))
    state = replace(
        standing_of(TWO), outlook=outlook, answered=(4, 9), asked=(4, 9), met=((4, 0), (0, 9))
    )
    criterion = criterion_of(TWO, outlook)
    tally = Tally(criterion, state, 1)

    first = tally.gains(criterion.total, [])
    tally.add(0, [])
    second = tally.gains(criterion.total, [0])

    assert first == pytest.approx([0.0101010, 0.0100251], abs=1e-7)
    assert second[1] == pytest.approx(0.0100251 - 0.0086580, abs=1e-7)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_a_gain_is_the_fall_of_the_variance_whatever_was_asked_before(number: int) -> None:
    rng = np.random.default_rng(number)
    forms = [form_for(CUSTOMERS, seed=number, sequence=k) for k in range(int(rng.integers(1, 60)))]
    state = counted(CUSTOMERS, standing_of(CUSTOMERS), forms)
    criterion = criterion_of(CUSTOMERS, state.outlook)
    tally = Tally(criterion, state, 2)
    chosen = [int(rng.integers(22))]
    tally.add(chosen[0], [])

    def variance() -> float:
        weighed = tally.met * np.outer(tally.inverse, tally.inverse)
        return float((criterion.total * weighed).sum())

    place = int(rng.choice(np.setdiff1d(np.arange(22), chosen)))
    gain = tally.gains(criterion.total, chosen)[place]
    before = variance()
    tally.add(place, chosen)

    assert before - variance() == pytest.approx(gain, rel=1e-9, abs=1e-12)


def test_variances_lean_on_all_items_and_on_what_is_usual() -> None:
    """By hand: 4, 5, 6 have squares 2 on 2 degrees of freedom. Pooled with twenty of the usual
    1.5: 32/22 = 1.4545. The item: (2 + 20 x 1.4545)/22 = 1.4132; the other item 1.4545."""
    moments = of_staff([(0, 0, 4), (1, 0, 5), (2, 0, 6)], ("first", "second"))

    state = standing_of(TWO, moments)

    assert state.answered == (3, 0)
    assert state.outlook.variance[0] == pytest.approx([1.4132, 1.4545], abs=1e-4)
    assert (state.outlook.within, state.outlook.across) == (0.5, 0.35)


def test_correlations_are_pooled_over_pairs_of_items() -> None:
    """By hand: (4, 4) and (6, 6) give products 2 and variances (2 + 20 x 34/22)/21 = 1.5671, so
    (20 x .5 + 2 x 2/1.5671) / (20 + 2 x 2) = .5230."""
    moments = of_staff([(0, 0, 4), (0, 1, 4), (1, 0, 6), (1, 1, 6)], ("first", "second"))

    state = standing_of(TWO, moments)

    assert state.met == ((2, 2), (2, 2))
    assert state.outlook.within == pytest.approx(0.5230, abs=1e-4)


def test_a_gap_told_by_the_same_people_has_the_variance_of_their_differences() -> None:
    """By hand: without answers variances are 1.5 and E goes with P at .35: 2 x 1.5 x .65."""
    state = standing_of(CUSTOMERS, gaps=CLASSIC_GAPS[-1:])

    assert state.outlook.columns == ((P, E),)
    assert state.outlook.variance[0] == pytest.approx([1.95] * 22)


def test_no_rule_counts_as_an_answer() -> None:
    managers = Blueprint((("speed", ("first", "second")),), (M, S), taps=2)
    columns = AnswerColumns.of([0, 0], [0, 0], vantage=[0, 1], score=[5, NO_RULE])
    moments = fold(Group.MANAGER, {"first": "speed", "second": "speed"}, columns)

    assert standing_of(managers, moments).answered == (1, 0)


@ALL
def test_forms_are_as_long_as_balanced_ones_and_keep_e_with_p(blueprint: Blueprint) -> None:
    for form in asked_in_turn(blueprint, standing_of(blueprint), 100):
        core = [ask for ask in form.asks if ask[1] is not C]
        assert core == [(item, v) for item in form.items for v in blueprint.together]
        assert len(set(form.items)) == blueprint.items_per_form
        assert len(form.questions) <= blueprint.taps
        assert len(form.causes) == blueprint.cause_slots


def test_a_left_over_tap_goes_to_the_promise_that_is_known_least() -> None:
    forms = asked_in_turn(CUSTOMERS, standing_of(CUSTOMERS), 400)

    counts = Counter(item for form in forms for item, vantage in form.asks if vantage is C)
    for form in forms:
        assert sum(v is C for _, v in form.asks) == min(1, len(set(form.items) & set(PROMISED)))
    assert set(counts) == set(PROMISED)
    assert max(counts.values()) / min(counts.values()) < 1.5


@ALL
def test_every_pair_of_a_dimension_meets_and_no_item_lags(blueprint: Blueprint) -> None:
    """38 pairs; 6 in 100 pairs of items in a form are of one dimension, least met ones first."""
    forms = asked_in_turn(blueprint, standing_of(blueprint), 900)

    counts = Counter(item for form in forms for item in form.items)
    met = Counter(frozenset(pair) for form in forms for pair in combinations(form.items, 2))
    within = [
        met[frozenset(pair)]
        for _, items in blueprint.items_by_dimension
        for pair in combinations(items, 2)
    ]
    assert min(within) >= 1
    assert max(within) - min(within) <= 1
    assert len(counts) == 22
    assert max(counts.values()) / min(counts.values()) < 1.7


@ALL
def test_every_pair_meets_by_turns_even_where_earlier_forms_are_forgotten(
    blueprint: Blueprint,
) -> None:
    """As where only the latest weeks are looked at. 38 / (0.06 x pairs in a form), rounded up.

    Forms of four items hold six pairs, those of two hold one; the standing is the same each time.
    """
    pairs = blueprint.items_per_form * (blueprint.items_per_form - 1) // 2
    state = standing_of(blueprint)
    start = 1000

    forms = [
        adaptive_form(blueprint, state=state, seed=7, sequence=start + number)
        for number in range(ceil(38 / (MEETINGS * pairs)) + 1)
    ]

    met = {frozenset(pair) for form in forms for pair in combinations(form.items, 2)}
    assert {
        frozenset(pair)
        for _, items in blueprint.items_by_dimension
        for pair in combinations(items, 2)
    } <= met


def test_what_differs_most_is_asked_most_within_a_dimension() -> None:
    state = standing_of(STAFF)
    spread = tuple(6.0 if item.endswith(".0") else 1.0 for item in STAFF.items)
    state = replace(state, outlook=replace(state.outlook, variance=(spread,)))

    counts = Counter(item for form in asked_in_turn(STAFF, state, 200) for item in form.items)

    for name, items in SERVICE:
        others = [counts[item] for item in items[1:]]
        assert counts[f"{name}.0"] > 1.4 * max(others)


def with_spreads(state: Standing) -> Standing:
    """The same standing, of items whose answers differ more or less, as items do."""
    drawn = np.random.default_rng(4).uniform(0.5, 3.0, (len(state.outlook.columns), 22)).round(2)
    spread = tuple(tuple(row) for row in drawn.tolist())
    return replace(state, outlook=replace(state.outlook, variance=spread))


def test_a_priority_draws_questions_towards_its_dimension() -> None:
    plain, steered = (
        Counter(
            STAFF.dimension_of[item]
            for form in asked_in_turn(STAFF, with_spreads(state), 300)
            for item in form.items
        )
        for state in (standing_of(STAFF), standing_of(STAFF, priorities=HEAVY))
    )

    assert steered["reliability"] > 1.08 * plain["reliability"]
    assert min(steered.values()) > 100


@pytest.mark.parametrize("priorities", [{}, HEAVY], ids=["even", "steered"])
def test_no_cell_is_worse_off_than_with_random_forms(
    priorities: dict[tuple[str, str], float],
) -> None:
    """Both rules ask 400 runs; variances by the formula, with spreads that differ by item."""
    rng = np.random.default_rng(4)
    start = with_spreads(standing_of(CUSTOMERS, priorities=priorities))
    criterion = criterion_of(CUSTOMERS, start.outlook)

    def cells(forms: list[Form]) -> np.ndarray:
        tally = Tally(criterion, counted(CUSTOMERS, start, forms), 2)
        weighed = tally.met * np.outer(tally.inverse, tally.inverse)
        extra = criterion.extra_kernels @ (1 / (tally.extra_answered + 0.5))
        return np.concatenate([(criterion.kernels * weighed).sum(axis=(1, 2)), extra])

    adaptive = cells(asked_in_turn(CUSTOMERS, start, 400))
    by_lot = np.mean([cells(_random_forms(rng, 400)) for _ in range(20)], axis=0)

    ratios = adaptive[by_lot > 0] / by_lot[by_lot > 0]
    assert ratios.max() < 1.02
    assert ratios.mean() < 0.97


def _random_forms(rng: np.random.Generator, runs: int) -> list[Form]:
    forms = []
    for _ in range(runs):
        items = rng.choice(CUSTOMERS.items, 2, replace=False).tolist()
        asks = [(item, vantage) for item in items for vantage in (E, P)]
        extra = [ask for ask in CUSTOMERS.extra if ask[0] in items]
        picked = [extra[int(rng.integers(len(extra)))]] if extra else []
        forms.append(Form((*asks, *picked), ()))
    return forms


@ALL
def test_nobody_meets_an_item_twice_until_the_rotation_is_through(blueprint: Blueprint) -> None:
    """22 items make 11 forms of two; of four, the sixth form starts the next rotation."""
    state, recent = standing_of(blueprint), list[str]()
    whole = 22 // blueprint.items_per_form

    for number in range(whole):
        form = adaptive_form(blueprint, state=state, seed=3, sequence=number, recent=recent)
        assert not set(form.items) & set(recent)
        recent += form.items
        state = state.after(form)

    assert len(set(recent)) == whole * blueprint.items_per_form


def test_an_item_that_everybody_skips_does_not_take_over() -> None:
    state = standing_of(STAFF)
    counts: Counter[str] = Counter()

    for number in range(300):
        form = adaptive_form(STAFF, state=state, seed=1, sequence=number)
        counts.update(form.items)
        state = without_answers(state.after(form), place=6)

    assert counts[STAFF.items[6]] <= 2.1 * 300 * 4 / 22
    assert state.answered[6] == 0


def without_answers(state: Standing, *, place: int) -> Standing:
    """The same asks, but nobody answered one of the items."""
    met = [[0 if place in (a, b) else n for b, n in enumerate(r)] for a, r in enumerate(state.met)]
    answered = [0 if k == place else n for k, n in enumerate(state.answered)]
    return replace(state, answered=tuple(answered), met=tuple(map(tuple, met)))


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 10_000),
    st.lists(st.sampled_from(CUSTOMERS.items), max_size=30),
    st.data(),
)
@settings(deadline=None, max_examples=40)
def test_every_blueprint_gives_forms_that_fit_and_can_be_replayed(
    seed: int, sequence: int, recent: list[str], data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=5).filter(any))
    dimensions = tuple((f"d{i}", tuple(f"d{i}.{j}" for j in range(n))) for i, n in enumerate(sizes))
    together = data.draw(st.sampled_from([(E, P), (D,), (M, S), (C,)]))
    taps = data.draw(st.integers(len(together), 12))
    extra = tuple((f"d{i}.0", C) for i, n in enumerate(sizes) if n) if together == (E, P) else ()
    blueprint = Blueprint(dimensions, together, extra=extra, taps=taps)
    state = standing_of(blueprint)

    draw = adaptive_draw(blueprint, state=state, seed=seed, sequence=sequence, recent=recent)
    stored = Standing.from_plain(json.loads(json.dumps(state.plain())))

    assert len(set(draw.form.questions)) == len(draw.form.questions) <= taps
    assert len(draw.form.items) == min(taps // len(together), sum(sizes))
    assert stored == state
    assert stored.fingerprint == draw.standing
    again = adaptive_form(blueprint, state=stored, seed=seed, sequence=sequence, recent=recent)
    assert again == draw.form
    assert hash(stored) == hash(state)


def test_a_log_line_holds_all_that_a_replay_needs() -> None:
    state = standing_of(STAFF)

    line = json.loads(json.dumps(adaptive_draw(STAFF, state=state, seed=5, sequence=8).plain()))

    again = adaptive_form(STAFF, state=state, seed=line["seed"], sequence=line["sequence"])
    assert [list(question) for question in again.questions] == line["questions"]
    assert (line["rule"], line["standing"]) == (RULE, state.fingerprint)


def test_another_process_draws_the_same_form() -> None:
    program = (
        "from gapengine.allocation import Blueprint, adaptive_form, standing_of\n"
        "from gapengine.vantage import Vantage as V\n"
        "blueprint = Blueprint((('a', ('a1', 'a2', 'a3')), ('b', ('b1', 'b2'))), (V.DELIVERED,))\n"
        "state = standing_of(Blueprint(blueprint.items_by_dimension, (V.DELIVERED,), taps=2))\n"
        "two = Blueprint(blueprint.items_by_dimension, (V.DELIVERED,), taps=2)\n"
        "print([adaptive_form(two, state=state, seed=9, sequence=k).items for k in range(20)])"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(printed) == 1
    assert "a1" in printed.pop()


def test_another_seed_asks_in_another_order() -> None:
    one, other = (
        [form.items for form in asked_in_turn(CUSTOMERS, standing_of(CUSTOMERS), 20, seed=seed)]
        for seed in (1, 2)
    )

    assert one != other


def test_causes_alone_need_no_standing_of_items() -> None:
    with pytest.raises(SettingsError, match="no items"):
        standing_of(Blueprint((), (), causes=("x", "y"), taps=2))


def test_what_cannot_be_used_is_refused_with_its_place() -> None:
    state = standing_of(STAFF)

    with pytest.raises(SettingsError, match="sequence -1 is negative"):
        adaptive_form(STAFF, state=state, seed=1, sequence=-1)
    with pytest.raises(SettingsError, match="another blueprint"):
        adaptive_form(TWO, state=state, seed=1, sequence=0)
    with pytest.raises(SettingsError, match="moments are of customer"):
        standing_of(STAFF, Moments.empty(Group.CUSTOMER))
    with pytest.raises(SettingsError, match="'P-E', 'overall'"):
        standing_of(CUSTOMERS, priorities={("P-E", "overall"): 1.0})
    with pytest.raises(SettingsError, match=r"is -1\.0; give 0"):
        standing_of(CUSTOMERS, priorities={("P-D", "overall"): -1.0})
    with pytest.raises(SettingsError, match="importance above 0"):
        standing_of(CUSTOMERS, importance={"tangibles": 1.0})
    with pytest.raises(SettingsError, match="no gap has any of the vantage points D"):
        standing_of(STAFF, gaps=[Gap("own", M, E)])


def test_importance_moves_the_overall_figure_only() -> None:
    weights = {name: 1.0 + (name == "reliability") * 4 for name in SIZES}

    state = standing_of(CUSTOMERS, importance=weights)
    criterion = criterion_of(CUSTOMERS, state.outlook)
    plain = criterion_of(CUSTOMERS, standing_of(CUSTOMERS).outlook)

    place = CUSTOMERS.items.index("reliability.0")
    assert state.outlook.importance == pytest.approx((1 / 9, 5 / 9, 1 / 9, 1 / 9, 1 / 9), abs=1e-4)
    assert criterion.kernels[0, place, place] == pytest.approx(
        plain.kernels[0, place, place] * (5 / 9 * 5) ** 2, rel=1e-3
    )
    assert np.array_equal(criterion.kernels[1:6], plain.kernels[1:6])


def test_a_cell_of_one_dimension_has_the_variances_and_correlations_of_its_items() -> None:
    """By hand: weights 1/2 each, variances 1 and 4, correlation .5: 1/4, 1/4 x .5 x 2, 4/4."""
    outlook = Outlook(((D,),), ((1.0, 4.0),), 0.5, 0.0, weights=((1.0, 3.0),))

    criterion = criterion_of(TWO, outlook)

    cell = [[0.25, 0.25], [0.25, 1.0]]
    assert criterion.kernels == pytest.approx(np.array([cell, cell]))
    assert criterion.total == pytest.approx(4 * np.array(cell))


def test_an_extra_ask_counts_in_the_cells_of_its_own_point_alone() -> None:
    """By hand: C of one of two items in its dimension: the whole of C's mean, variance 9."""
    blueprint = Blueprint((("speed", ("first", "second")),), (E, P), extra=(("second", C),), taps=3)
    outlook = Outlook(
        ((P, E), (C,)), ((1.0, 4.0), (2.0, 9.0)), 0.5, 0.0, weights=((1.0, 1.0), (2.0, 0.5))
    )

    criterion = criterion_of(blueprint, outlook)

    assert criterion.extra_kernels.tolist() == [[9.0], [9.0]]
    assert criterion.extra_total.tolist() == [2.5 * 9.0]
    assert criterion.extra_reach.tolist() == [[False, True], [False, True]]


def test_extra_asks_of_a_random_form_are_counted_by_hand() -> None:
    """Two of four items a form, one tap left, C of two: 1 less the chance of neither, 1 - 1/6."""
    blueprint = Blueprint(
        (("speed", ("a", "b", "c", "d")),), (E, P), extra=(("a", C), ("b", C)), taps=5
    )

    criterion = criterion_of(blueprint, standing_of(blueprint).outlook)

    assert criterion.extra_rate == pytest.approx(5 / 6)
    assert criterion.meeting_chance == pytest.approx(1 / 3)


def test_a_cell_as_well_off_as_random_forms_would_leave_it_has_ratio_one() -> None:
    """By hand: 1/n is on average (1 + 1/n)/n where n varies by chance; the half is added first."""
    blueprint = Blueprint((("speed", ("a", "b")),), (E, P), extra=(("a", C), ("b", C)), taps=5)
    state = replace(
        standing_of(blueprint), answered=(10, 10), asked=(10, 10), met=((10, 10), (10, 10)),
        extra_answered=(5, 5),
    )  # fmt: skip
    criterion = criterion_of(blueprint, state.outlook)
    each = 10 * criterion.extra_rate / 2

    ratios = Tally(criterion, state, 2).ratios()

    told = (1 / 5.5) / ((1 + 1 / (each + 1)) / (each + 0.5))
    assert ratios[len(criterion.kernels) :] == pytest.approx([told] * 2)
