"""Which items to ask: even over runs, pairs of a dimension met, the same in every process."""

import subprocess
import sys
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.allocation import Blueprint, Form, asked_in_rotation, form_for, round_length
from gapengine.errors import SettingsError
from gapengine.vantage import Vantage

E, P, C = Vantage.EXPECTED, Vantage.PERCEIVED, Vantage.COMMUNICATED
M, S, D = Vantage.BELIEVED, Vantage.SPECIFIED, Vantage.DELIVERED

SIZES = {"tangibles": 4, "reliability": 5, "responsiveness": 4, "assurance": 4, "empathy": 5}
SERVICE = tuple(
    (name, tuple(f"{name}.{number}" for number in range(size))) for name, size in SIZES.items()
)
PROMISED = (
    "tangibles.0",
    "reliability.0",
    "reliability.1",
    "responsiveness.0",
    "assurance.0",
    "assurance.1",
    "empathy.0",
    "empathy.1",
)
CAUSES = tuple(f"cause_{number}" for number in range(16))
CUSTOMERS = Blueprint(SERVICE, (E, P), extra=tuple((item, C) for item in PROMISED))
STAFF = Blueprint(SERVICE, (D,), causes=CAUSES, causes_per_form=1)
MANAGERS = Blueprint(SERVICE, (M, S), causes=CAUSES, causes_per_form=1)
ALL = pytest.mark.parametrize(
    "blueprint", [CUSTOMERS, STAFF, MANAGERS], ids=["customers", "staff", "managers"]
)


def drawn(blueprint: Blueprint, runs: range, *, seed: int = 7) -> list[Form]:
    return [form_for(blueprint, seed=seed, sequence=number) for number in runs]


def pairs_within(blueprint: Blueprint, forms: list[Form]) -> Counter[frozenset[str]]:
    """Count how often two items of one dimension were asked in one run; unmet pairs count 0."""
    counts: Counter[frozenset[str]] = Counter()
    for _, items in blueprint.items_by_dimension:
        counts.update({frozenset(pair): 0 for pair in combinations(items, 2)})
    for form in forms:
        counts.update(p for p in map(frozenset, combinations(form.items, 2)) if p in counts)
    return counts


@ALL
@pytest.mark.parametrize("seed", [0, 7, 20_261_123])
def test_after_a_full_round_every_item_and_every_pair_of_a_dimension_is_even(
    blueprint: Blueprint, seed: int
) -> None:
    """By hand for pairs of items: 4a + 3b balanced needs 72 + 60 = 132 blocks, each item 12 times.

    A dimension of 4 has 6 pairs, one of 5 has 10; each item must stand in equally many blocks, so
    each pair of the former meets 4 times and of the latter 3 times.
    """
    length = round_length(blueprint, seed=seed)

    forms = drawn(blueprint, range(length), seed=seed)

    assert length == (66 if blueprint is STAFF else 132)
    assert set(Counter(item for form in forms for item in form.items).values()) == {12}
    met = pairs_within(blueprint, forms)
    assert {met[pair] for pair in met if "tangibles.0" in pair} == {4}
    assert {met[pair] for pair in met if "empathy.0" in pair} == {3}
    assert set(met.values()) == {3, 4}


@ALL
@pytest.mark.parametrize("start", [0, 50, 500])
def test_any_stretch_of_runs_is_nearly_even(blueprint: Blueprint, start: int) -> None:
    forms = drawn(blueprint, range(start, start + 100))

    counts = Counter(item for form in forms for item in form.items)
    met = pairs_within(blueprint, forms)

    assert len(counts) == 22
    assert max(counts.values()) - min(counts.values()) <= 2
    assert min(met.values()) >= 1
    for name, _ in blueprint.items_by_dimension:
        within = [count for pair, count in met.items() if min(pair).startswith(name)]
        assert max(within) - min(within) <= 2


def test_small_waves_with_a_seed_each_are_even_over_a_year() -> None:
    waves = [drawn(CUSTOMERS, range(9), seed=seed) for seed in range(52)]

    forms = [form for wave in waves for form in wave]
    counts = Counter(item for form in forms for item in form.items)
    met = pairs_within(CUSTOMERS, forms)

    assert max(counts.values()) / min(counts.values()) < 1.5
    assert min(met.values()) >= 3


@ALL
def test_a_form_never_asks_for_more_than_its_taps(blueprint: Blueprint) -> None:
    forms = drawn(blueprint, range(300))

    assert {len(form.questions) for form in forms} <= ({4, 5} if blueprint is CUSTOMERS else {5})


def test_customers_rate_two_items_of_one_dimension_expected_then_perceived() -> None:
    for form in drawn(CUSTOMERS, range(132)):
        first, second = form.items
        core = [ask for ask in form.asks if ask[1] is not C]

        assert core == [(first, E), (first, P), (second, E), (second, P)]
        assert CUSTOMERS.dimension_of[first] == CUSTOMERS.dimension_of[second]


def test_a_left_over_tap_asks_what_was_promised_right_after_the_same_item() -> None:
    for form in drawn(CUSTOMERS, range(132)):
        promised = [item for item in form.items if item in PROMISED]
        asked = [index for index, (_, vantage) in enumerate(form.asks) if vantage is C]

        assert len(asked) == min(1, len(promised))
        assert all(form.asks[index - 1] == (form.asks[index][0], P) for index in asked)


def test_promises_are_asked_about_evenly() -> None:
    counts = Counter(
        item for form in drawn(CUSTOMERS, range(528)) for item, vantage in form.asks if vantage is C
    )

    assert set(counts) == set(PROMISED)
    assert max(counts.values()) / min(counts.values()) < 1.6


def test_staff_rate_two_pairs_of_two_dimensions_and_one_cause() -> None:
    for form in drawn(STAFF, range(66)):
        dimensions = Counter(STAFF.dimension_of[item] for item in form.items)

        assert sorted(dimensions.values()) == [2, 2]
        assert len(form.causes) == 1
        assert form.questions[-1] == (form.causes[0], "A")


def test_every_cause_is_asked_once_before_one_comes_again() -> None:
    for start in (0, 16, 160):
        causes = [form.causes[0] for form in drawn(MANAGERS, range(start, start + 16))]

        assert sorted(causes) == sorted(CAUSES)


@ALL
def test_nobody_meets_an_item_twice_until_the_rotation_is_through(blueprint: Blueprint) -> None:
    """By hand: pairs cover 20 of 22 items; the fifth of each dimension of five then comes with
    one that was asked before. So two repeats, in 12 runs of two items or 6 of four."""
    recent: list[str] = []
    repeats = []

    for number in range(6 if blueprint is STAFF else 12):
        form = form_for(blueprint, seed=3, sequence=number * 17 + 5, recent=recent)
        repeats.append(len(set(recent).intersection(form.items)))
        recent += [*form.items, *form.causes]

    assert set(blueprint.items) <= set(recent)
    assert sum(repeats) == 2
    assert sum(repeats[: 5 if blueprint is STAFF else 10]) == 0
    assert len(set(recent) & set(CAUSES)) == (len(repeats) if blueprint.causes else 0)


def test_avoiding_what_was_asked_keeps_the_whole_nearly_even() -> None:
    """Thirty people of a unit, each with a memory, run after run for a year of fortnights."""
    history: dict[int, list[str]] = {person: [] for person in range(30)}
    forms = []

    for number in range(26 * 30):
        recent = history[number * 7 % 30]
        forms.append(form_for(CUSTOMERS, seed=5, sequence=number, recent=recent))
        recent += forms[-1].items

    counts = Counter(item for form in forms for item in form.items)
    met = pairs_within(CUSTOMERS, forms)
    assert max(counts.values()) / min(counts.values()) < 1.4
    assert max(met.values()) / min(met.values()) < 2.5


@given(st.integers(0, 2**63 - 1), st.integers(0, 10_000), st.data())
@settings(deadline=None, max_examples=30)
def test_every_blueprint_gives_forms_that_fit(
    seed: int, sequence: int, data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    dimensions = tuple((f"d{i}", tuple(f"d{i}.{j}" for j in range(n))) for i, n in enumerate(sizes))
    together = data.draw(st.sampled_from([(E, P), (D,), (M, S)]))
    per_form = data.draw(st.integers(0, 2))
    taps = data.draw(st.integers(len(together) + per_form, 12))
    blueprint = Blueprint(
        dimensions, together, causes=("x", "y", "z"), taps=taps, causes_per_form=per_form
    )

    recent = data.draw(st.lists(st.sampled_from(blueprint.items), max_size=20))

    form = form_for(blueprint, seed=seed, sequence=sequence, recent=recent)

    assert 1 <= len(form.questions) <= taps
    assert len(set(form.questions)) == len(form.questions)
    assert len(form.items) == min((taps - per_form) // len(together), sum(sizes))
    assert form == form_for(blueprint, seed=seed, sequence=sequence, recent=recent)


@given(st.integers(0, 2**31), st.lists(st.sampled_from(STAFF.items + CAUSES), max_size=60))
@settings(deadline=None, max_examples=30)
def test_any_history_leaves_a_full_form(sequence: int, recent: list[str]) -> None:
    form = form_for(STAFF, seed=1, sequence=sequence, recent=recent)

    assert len(set(form.questions)) == 5


def test_another_process_with_another_hash_seed_draws_the_same_form() -> None:
    program = (
        "from tests_allocation import MANAGERS, form_for\n"
        "print(form_for(MANAGERS, seed=99, sequence=1234).questions)"
    )
    loader = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('tests_allocation', {__file__!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules['tests_allocation'] = module\n"
        "spec.loader.exec_module(module)\n"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", loader + program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }

    assert printed == {str(form_for(MANAGERS, seed=99, sequence=1234).questions)}


def test_another_seed_asks_in_another_order() -> None:
    one = [form.items for form in drawn(CUSTOMERS, range(22), seed=1)]
    other = [form.items for form in drawn(CUSTOMERS, range(22), seed=2)]

    assert one != other


def test_a_rotation_starts_anew_once_everything_was_asked() -> None:
    assert asked_in_rotation("abc", ["a", "b", "x"]) == {"a", "b"}
    assert asked_in_rotation("abc", ["a", "b", "c"]) == set()
    assert asked_in_rotation("abc", ["a", "b", "c", "a"]) == {"a"}


def test_a_blueprint_that_could_ask_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="too few"):
        Blueprint(SERVICE, (E, P), taps=1)
    with pytest.raises(SettingsError, match="twice"):
        Blueprint((("a", ("x",)), ("b", ("x",))), (D,))
    with pytest.raises(SettingsError, match="needs a vantage point"):
        Blueprint(SERVICE, ())


def test_a_negative_sequence_is_refused() -> None:
    with pytest.raises(SettingsError, match="negative"):
        form_for(CUSTOMERS, seed=1, sequence=-1)


def test_causes_alone_fill_the_taps() -> None:
    alone = Blueprint((), (), causes=CAUSES, taps=5)

    form = form_for(alone, seed=1, sequence=0)

    assert form.items == ()
    assert len(set(form.causes)) == 5
