"""Moments add up, can be taken away again, and survive being packed, to the last bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapengine.errors import AnswersError, MixedMomentsError, UnreadableMomentsError
from gapengine.folding import NO_RULE, AnswerColumns, fold, fold_blocks
from gapengine.moments import PRODUCT, SUM_COUNT, TOGETHER, Moments, merge
from gapengine.packing import from_bytes, to_bytes
from gapengine.vantage import GROUPS, Group

ITEMS = {"queue": "responsiveness", "promise": "reliability", "prompt": "responsiveness", "b": "z"}


Row = tuple[int, int, int, int]


def columns(rows: object) -> AnswerColumns:
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return AnswerColumns.of(table[:, 0], table[:, 1], vantage=table[:, 2], score=table[:, 3])


@st.composite
def answers(draw: st.DrawFn, group: Group | None = None) -> tuple[Group, list[Row]]:
    """A group and rows (respondent, item, vantage, score), repeated answers included."""
    group = group or draw(st.sampled_from(list(Group)))
    point = st.integers(0, len(GROUPS[group]) - 1)
    row = st.tuples(st.integers(0, 6), st.integers(0, 3), point, st.integers(1, 7))
    rows = draw(st.lists(row, max_size=40))
    if group is Group.MANAGER:
        rows += [(who, item, 1, NO_RULE) for who, item, _, score in rows if score == 7]
    return group, rows


def test_the_sums_match_a_worked_example() -> None:
    """By hand: one customer answers E 7, P 5 and 4 to one item, another only E 6 to another."""
    rows = [(0, 0, 0, 7), (0, 0, 1, 5), (0, 0, 1, 4), (1, 1, 0, 6)]

    moments = fold(Group.CUSTOMER, ITEMS, columns(rows))

    assert moments.items == ("promise", "queue")
    assert moments.dimensions == ("reliability", "responsiveness")
    expected_perceived = moments.cross[moments.shape.blocks.index(("E", "P"))]
    assert expected_perceived[TOGETHER].tolist() == [[0, 0], [0, 2]]
    assert expected_perceived[SUM_COUNT].tolist() == [[0, 0], [0, 14]]
    assert expected_perceived[PRODUCT].tolist() == [[0, 0], [0, 63]]
    pairs = moments.cross[moments.shape.blocks.index(("pair", "pair"))]
    assert pairs[TOGETHER, 1, 1] == 4
    assert pairs[PRODUCT, 1, 1] == (5 + 4 - 7 - 7) ** 2
    assert moments.pairs.tolist() == [[0] * 13, [0, 0, 0, 1, 1] + [0] * 8]
    either = moments.shape.subsets.index(frozenset("EP"))
    assert moments.respondents[:, either].tolist() == [2, 1, 1, 1, 1]
    assert moments.respondents[:, -1].tolist() == [1, 0, 1, 0, 1]
    assert moments.answers == 4


def test_no_rule_is_counted_and_is_no_score() -> None:
    rows = [(0, 0, 1, NO_RULE), (0, 0, 0, 6), (1, 0, 1, 4)]

    moments = fold(Group.MANAGER, ITEMS, columns(rows))

    assert moments.no_rule.tolist() == [1]
    assert moments.histogram[1].tolist() == [[0, 0, 0, 1, 0, 0, 0]]
    specified, ruled = moments.shape.subsets.index(frozenset("S")), -1
    assert moments.respondents[0, specified] == 1
    assert moments.respondents[0, ruled] == 2


@given(st.data())
def test_folding_in_any_parts_and_order_gives_the_same_moments(data: st.DataObject) -> None:
    group, rows = data.draw(answers())
    whole = fold(group, ITEMS, columns(rows))

    people = sorted({row[0] for row in rows})
    parts = [fold(group, ITEMS, columns([r for r in rows if r[0] == who])) for who in people]
    shuffled = data.draw(st.permutations(parts))

    assert merge(group, shuffled) == whole
    assert to_bytes(merge(group, shuffled)) == to_bytes(whole)
    assert from_bytes(to_bytes(whole)) == whole


@given(answers(Group.CUSTOMER))
def test_the_paired_differences_count_every_combination_of_one_person_and_item(
    drawn: tuple[Group, list[Row]],
) -> None:
    _, rows = drawn
    moments = fold(Group.CUSTOMER, ITEMS, columns(rows))

    naive = dict.fromkeys(moments.items, [0] * 13)
    for who, item, point, score in rows:
        for other, same, second, lower in rows:
            if (who, item, point, second) == (other, same, 1, 0):
                counts = list(naive[list(ITEMS)[item]])
                counts[score - lower + 6] += 1
                naive[list(ITEMS)[item]] = counts

    assert dict(zip(moments.items, moments.pairs.tolist(), strict=True)) == naive
    together = moments.cross[moments.shape.blocks.index(("E", "P")), TOGETHER]
    assert moments.pairs.sum(axis=1).tolist() == np.diagonal(together).tolist()


def test_groups_that_are_not_asked_twice_have_no_paired_differences() -> None:
    assert fold(Group.STAFF, ITEMS, columns([(0, 0, 0, 5)])).pairs.shape == (1, 0)


@given(st.data())
def test_what_was_added_can_be_taken_away_to_the_last_bit(data: st.DataObject) -> None:
    group, rows = data.draw(answers())
    _, others = data.draw(answers(group))
    one, two = fold(group, ITEMS, columns(rows)), fold(group, ITEMS, columns(others))

    assert (one + two) - two == one
    assert to_bytes((one + two) - one) == to_bytes(two)
    assert one - one == Moments.empty(group)
    assert {part.dtype for part in Moments.empty(group, {"a": "b"}).arrays} == {np.dtype(np.int64)}


@given(answers())
def test_blocks_folded_at_once_equal_blocks_folded_alone(drawn: tuple[Group, list[Row]]) -> None:
    group, rows = drawn
    unit = [row[0] % 3 for row in rows]

    blocks = fold_blocks(group, ITEMS, columns(rows), block=unit)

    for name in set(unit):
        own = [row for row, number in zip(rows, unit, strict=True) if number == name]
        assert blocks[name] == fold(group, ITEMS, columns(own))
    assert set(blocks) == set(unit)


def test_more_people_than_fit_at_once_are_folded_without_a_difference() -> None:
    rng = np.random.default_rng(5)
    who = rng.integers(0, 40_000, 90_000)
    rows = np.column_stack(
        [who, rng.integers(0, 4, 90_000), rng.integers(0, 3, 90_000), rng.integers(1, 8, 90_000)]
    )

    whole = fold(Group.CUSTOMER, ITEMS, columns(rows))

    tenths = [fold(Group.CUSTOMER, ITEMS, columns(rows[who % 10 == k])) for k in range(10)]
    assert merge(Group.CUSTOMER, tenths) == whole
    assert whole.respondents[0, -2] == len(set(who.tolist()))


@pytest.mark.parametrize("group", list(Group))
def test_blocks_of_any_size_in_any_order_are_folded_alike(group: Group) -> None:
    """Blocks of 1 to 3,000 answers and respondents numbered beyond 2**60, shuffled."""
    rng = np.random.default_rng(6)
    sizes = [1, 2, 3, 3000, 40, 40, 7]
    block = np.repeat([9, -4, 70, 2**61, 5, 6, 0], sizes)
    many = len(block)
    points = rng.integers(0, len(GROUPS[group]), many)
    rows = np.column_stack(
        [
            rng.integers(0, 2**61, 300)[rng.integers(0, 300, many)],
            rng.integers(0, 4, many),
            points,
            rng.integers(1, 8, many),
        ]
    )
    shuffled = rng.permutation(many)

    blocks = fold_blocks(group, ITEMS, columns(rows[shuffled]), block=block[shuffled])

    assert list(blocks) == sorted(set(block.tolist()))
    for name, moments in blocks.items():
        people = set(rows[block == name, 0].tolist())
        parts = [
            fold(group, ITEMS, columns(rows[(block == name) & (rows[:, 0] == who)]))
            for who in people
        ]
        assert moments == merge(group, parts)
        assert moments.items == moments.trimmed().items


def test_a_changed_answer_makes_other_moments() -> None:
    one = fold(Group.STAFF, ITEMS, columns([(0, 0, 0, 5)]))

    assert one != fold(Group.STAFF, ITEMS, columns([(0, 0, 0, 6)]))
    assert one != fold(Group.STAFF, ITEMS, columns([(0, 1, 0, 5)]))
    assert one != fold(Group.CUSTOMER, ITEMS, columns([(0, 0, 0, 5)]))
    assert one != "moments"


def test_packed_moments_of_one_run_are_small() -> None:
    rows = [(0, item, point, 5) for item in (0, 1) for point in (0, 1)]

    assert len(to_bytes(fold(Group.CUSTOMER, ITEMS, columns(rows)))) < 400


def test_answers_that_cannot_be_are_refused() -> None:
    bad = ([(0, 9, 0, 5)], [(0, 0, 3, 5)], [(0, 0, 0, 8)], [(0, 0, 0, NO_RULE)])
    for rows in bad:
        with pytest.raises(AnswersError):
            fold(Group.CUSTOMER, ITEMS, columns(rows))
    with pytest.raises(AnswersError, match="differ in length"):
        AnswerColumns.of([1], [1, 2], vantage=[0], score=[3])
    with pytest.raises(AnswersError, match="differ in length"):
        AnswerColumns.of([[1]], [[1]], vantage=[[0]], score=[[3]])
    with pytest.raises(AnswersError, match="blocks"):
        fold_blocks(Group.STAFF, ITEMS, columns([(0, 0, 0, 5)]), block=[1, 2])


def test_moments_that_do_not_belong_together_are_refused() -> None:
    staff = fold(Group.STAFF, ITEMS, columns([(0, 0, 0, 5)]))
    moved = fold(Group.STAFF, ITEMS | {"queue": "elsewhere"}, columns([(1, 0, 0, 5)]))

    with pytest.raises(MixedMomentsError, match="cannot join"):
        staff + fold(Group.CUSTOMER, ITEMS, columns([(0, 0, 0, 5)]))
    with pytest.raises(MixedMomentsError, match="'queue'"):
        staff + moved
    with pytest.raises(MixedMomentsError, match="more was taken away"):
        staff - (staff + staff)


@pytest.mark.parametrize("spoil", [lambda b: b[:-4], lambda b: b"GM1\n" + b[4:], lambda b: b""])
def test_damaged_bytes_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    packed = to_bytes(fold(Group.STAFF, ITEMS, columns([(0, 0, 0, 5)])))

    with pytest.raises(UnreadableMomentsError, match="recompute the block"):
        from_bytes(spoil(packed))
