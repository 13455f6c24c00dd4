"""A report is plain, says why a figure is missing, and never shows a small group."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapengine.disclosure import MINIMUM, Floors
from gapengine.errors import MixedMomentsError, SettingsError
from gapengine.folding import NO_RULE, AnswerColumns, fold
from gapengine.moments import Moments
from gapengine.report import SCHEMA, Report, analyse, analyse_own_table
from gapengine.vantage import GROUPS, Group, Vantage, group_of

CASES = Path(__file__).parents[1] / "cases"
ITEMS = {"on_time": "reliability", "first_time": "reliability", "polite": "assurance"}
KEYS = list(ITEMS)

Row = tuple[int, str, str, int]
Plain = dict[str, Any]


def unit_of(rows: Sequence[Row]) -> dict[Group, Moments]:
    """Fold rows (who, item, vantage, score) into one unit's moments."""
    unit = {}
    for group in Group:
        own = [r for r in rows if group_of(Vantage(r[2])) is group]
        if own:
            unit[group] = fold(
                group,
                ITEMS,
                AnswerColumns.of(
                    [r[0] for r in own],
                    [KEYS.index(r[1]) for r in own],
                    vantage=[GROUPS[group].index(Vantage(r[2])) for r in own],
                    score=[r[3] for r in own],
                ),
            )
    return unit


def asked(
    vantage: str, people: int, item: str = "on_time", scores: Sequence[int] = (5, 6, 7)
) -> list[Row]:
    return [(who, item, vantage, scores[who % len(scores)]) for who in range(people)]


def full(customers: int = 8, managers: int = 4, staff: int = 6) -> list[Row]:
    """Every point of one item, by so many people."""
    rows = [r for v in "EPC" for r in asked(v, customers)]
    rows += [r for v in "MS" for r in asked(v, managers, scores=(4, 5))]
    return rows + asked("D", staff, scores=(3, 5))


def gap(plain_unit: Plain, name: str, level: str = "overall", key: str = "overall") -> Plain:
    place = (name, level, key)
    found: Plain = next(g for g in plain_unit["gaps"] if (g["name"], g["level"], g["key"]) == place)
    return found


def numbers_in(value: object) -> list[object]:
    if isinstance(value, dict):
        return [n for inner in value.values() for n in numbers_in(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in numbers_in(inner)]
    return [value]


def test_a_report_has_the_documented_form() -> None:
    plain = analyse({"Riverside": unit_of(full())}, ITEMS).to_plain()

    assert plain["schema"] == SCHEMA == "gapbot.report/1"
    assert list(plain["units"]) == ["*", "Riverside"]
    unit = plain["units"]["Riverside"]
    assert set(unit["vantage"]) == set("EMSDCP")
    cell = unit["vantage"]["E"]["overall"]
    assert list(cell) == [
        *("mean", "se", "low", "high", "df", "interval"),
        *("n_respondents", "n_answers", "share_7"),
    ]
    told = {"mean": 5.875, "df": 7.0, "n_respondents": 8, "n_answers": 8, "share_7": 0.25}
    assert {key: cell[key] for key in told} == told
    assert list(unit["vantage"]["E"]["dimensions"]) == ["reliability", "assurance"]
    assert list(unit["vantage"]["E"]["items"]) == KEYS
    entry = gap(unit, "G5", "dimension", "reliability")
    wanted = {"set", "name", "minuend", "subtrahend", "level", "key", "estimate", "se", "low"}
    assert wanted | {"high", "df", "n_minuend", "n_subtrahend"} <= set(entry)
    assert len(unit["gaps"]) == 10 * (1 + 2 + 3)


def test_a_report_holds_python_values_alone_and_is_valid_json() -> None:
    plain = analyse({"A": unit_of(full()), "B": unit_of(full(6, 1, 2))}, ITEMS).to_plain()

    kinds = {type(value) for value in numbers_in(plain)}

    assert kinds <= {str, int, float, bool, type(None)}
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_a_report_survives_being_stored() -> None:
    report = analyse({"A": unit_of(full())}, ITEMS)

    assert Report.from_plain(json.loads(json.dumps(report.to_plain()))) == report
    with pytest.raises(SettingsError, match="schema"):
        Report.from_plain({"schema": "gapbot.report/9", "units": {}})


def test_the_published_worked_example_comes_out_of_answers() -> None:
    """Ten people per point whose scores average to the example's vantage means."""
    example = json.loads((CASES / "gap_algebra.json").read_text())["worked_example"]
    rows = []
    for vantage, mean in example["vantage_means"].items():
        low, above = int(mean), round(10 * (mean - int(mean)))
        rows += [(who, "polite", vantage, low + (who < above)) for who in range(10)]

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    for name, value in (example["seed"] | example["classic"]).items():
        assert gap(unit, name)["estimate"] == pytest.approx(value)
        assert gap(unit, name, "item", "polite")["estimate"] == pytest.approx(value)


@pytest.mark.parametrize(
    ("people", "hidden"),
    [((4, 3, 5), "EPC"), ((5, 2, 5), "MS"), ((5, 3, 4), "D"), ((5, 3, 5), "")],
)
def test_a_cell_below_its_floor_is_hidden_and_says_why(
    people: tuple[int, int, int], hidden: str
) -> None:
    unit = analyse({"A": unit_of(full(*people))}, ITEMS).units["A"]

    for vantage, cells in unit["vantage"].items():
        cell = cells["overall"]
        assert cell.get("suppressed", False) == (vantage in hidden)
        if vantage in hidden:
            floor = MINIMUM[group_of(Vantage(vantage))]
            assert cell["reason"] == "too few"
            assert cell["because"] == [{"vantage": vantage, "reason": "too few", "floor": floor}]
            assert {cell["mean"], cell["n_respondents"], cell["n_answers"]} == {None}
    for entry in unit["gaps"]:
        if entry["level"] == "overall":
            affected = {entry["minuend"], entry["subtrahend"]} & set(hidden)
            assert entry.get("suppressed", False) == bool(affected)


def test_hidden_gaps_hold_no_number_at_all() -> None:
    unit = analyse({"A": unit_of(full(4, 2, 4))}, ITEMS).units["A"]

    for entry in unit["gaps"]:
        assert entry["suppressed"]
        for name in ("estimate", "se", "low", "high", "df", "n_minuend", "n_subtrahend"):
            assert entry[name] is None
        assert "paired" not in entry
    assert unit["chain"] == []


def test_not_asked_is_another_reason_than_too_few() -> None:
    rows = [r for r in full(8, 4, 2) if r[2] != "C"]

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    assert gap(unit, "communication")["reason"] == "not asked"
    assert gap(unit, "perception")["reason"] == "too few"
    assert gap(unit, "G5", "dimension", "assurance")["reason"] == "not asked"
    assert unit["vantage"]["C"]["overall"]["n_respondents"] == 0
    assert [b["reason"] for b in gap(unit, "G4")["because"]] == ["too few", "not asked"]


def test_managers_who_know_no_rule_were_asked_all_the_same() -> None:
    """All their answers to S say that there is none: no mean, but not silence either."""
    unruled = [row for row in full() if row[2] != "S"]
    unruled += [(who, "on_time", "S", NO_RULE) for who in range(4)]

    unit = analyse({"A": unit_of(unruled)}, ITEMS).units["A"]

    cell = unit["vantage"]["S"]["items"]["on_time"]
    assert (cell["mean"], cell["share_no_rule"]) == (None, 1.0)
    assert cell["because"] == [{"vantage": "S", "reason": "no rule"}]
    assert gap(unit, "G3")["because"] == [{"vantage": "S", "reason": "no rule"}]
    other = unit["vantage"]["S"]["items"]["polite"]
    assert other["because"] == [{"vantage": "S", "reason": "not asked"}]


def test_a_missing_point_joins_the_chain_and_it_still_adds_up() -> None:
    unit = analyse({"A": unit_of(full(staff=4))}, ITEMS).units["A"]

    assert [(k["label"], k["joins"]) for k in unit["chain"]] == [
        ("P-S", ["D"]),
        ("S-M", []),
        ("M-E", []),
    ]
    total = sum(link["estimate"] for link in unit["chain"])
    assert total == pytest.approx(gap(unit, "G5")["estimate"], abs=1e-12)
    assert unit["chain_by_dimension"]["assurance"] == []


def test_the_whole_is_all_units_together_and_may_show_what_each_must_hide() -> None:
    units = {name: unit_of(full(3, 2, 3)) for name in "AB"}

    report = analyse(units, ITEMS)

    assert gap(report.units["A"], "G5")["suppressed"]
    whole = gap(report.units["*"], "G5")
    assert (whole["n_minuend"], whole["n_subtrahend"]) == (6, 6)


def test_floors_can_be_raised_and_never_lowered() -> None:
    raised = analyse({"A": unit_of(full(8))}, ITEMS, floors=Floors(customer=9))

    assert gap(raised.units["A"], "G5")["reason"] == "too few"
    assert raised.head["floors"] == {"customer": 9, "manager": 3, "staff": 5}
    for lower in ({"customer": 4}, {"manager": 2}, {"staff": 0}):
        with pytest.raises(SettingsError, match="recognised"):
            Floors(**lower)


def test_an_analyst_sees_everything_in_their_own_table() -> None:
    report = analyse_own_table({"A": unit_of(full(1, 1, 1))}, ITEMS)

    entry = gap(report.units["A"], "G5")

    assert report.head["floors"] is None
    assert entry["estimate"] == 0.0
    assert {entry[name] for name in ("se", "low", "high", "df")} == {None}
    assert entry["established"] is False
    assert gap(report.units["A"], "G5", "item", "polite")["reason"] == "not asked"


def test_the_paired_gap_stands_beside_the_gap_only_when_it_differs() -> None:
    even = full(10)
    uneven = even + [(100 + who, "on_time", "E", 1) for who in range(5)]

    same = gap(analyse({"A": unit_of(even)}, ITEMS).units["A"], "G5")
    other = gap(analyse({"A": unit_of(uneven)}, ITEMS).units["A"], "G5")

    assert "paired" not in same
    assert other["paired"]["estimate"] == 0.0
    assert other["paired"]["n_minuend"] == 10
    assert other["estimate"] > 1


def test_points_that_cover_other_items_are_also_compared_like_for_like() -> None:
    rows = full(8) + asked("E", 8, "first_time", scores=(2,))

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    entry = gap(unit, "G5", "dimension", "reliability")
    assert entry["estimate"] == pytest.approx(5.875 - (5.875 + 2) / 2)
    assert entry["like_for_like"]["estimate"] == 0.0
    assert entry["like_for_like"]["items"] == 1
    assert entry["like_for_like"]["n_subtrahend"] == 8
    assert "like_for_like" not in gap(unit, "G5", "item", "on_time")


def test_like_for_like_and_paired_figures_of_few_people_are_hidden_too() -> None:
    """Eight people per point, but only two were asked both from E and from P of one item."""
    rows = asked("E", 8) + [(10 + who, "first_time", "P", 3) for who in range(8)]
    rows += [(who, "polite", v, s) for who in range(2) for v, s in (("E", 7), ("P", 1))]

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    entry = gap(unit, "G5")
    assert entry["estimate"] is not None
    assert entry["like_for_like"] == {"suppressed": True, "reason": "too few", "items": 1}
    assert "paired" not in entry


def test_shares_worth_noting_stand_in_the_cells() -> None:
    rows = full(8) + [(who, "first_time", "S", NO_RULE) for who in range(4)]

    vantage = analyse({"A": unit_of(rows)}, ITEMS).units["A"]["vantage"]

    assert vantage["P"]["overall"]["share_6_7"] == pytest.approx(5 / 8)
    assert vantage["S"]["overall"]["share_no_rule"] == 0.5
    assert vantage["S"]["items"]["first_time"]["share_no_rule"] == 1.0
    assert vantage["S"]["items"]["first_time"]["mean"] is None
    assert vantage["S"]["overall"]["n_answers"] == 4


def test_harm_and_certainty_are_told_apart_from_the_sign() -> None:
    rows = [(who, "on_time", v, s) for who in range(9) for v, s in (("E", 4), ("P", 6), ("D", 5))]
    rows += [(who, "on_time", "M", 6) for who in range(4)]

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    assert (gap(unit, "G5")["harmful"], gap(unit, "G5")["established"]) == (False, True)
    assert gap(unit, "expectation")["harm"] == "both"
    assert gap(unit, "expectation")["harmful"] is True


def test_a_gap_of_exactly_zero_is_neither_harmful_nor_established() -> None:
    rows = [(who, "on_time", v, 5) for who in range(9) for v in "EPD"]
    rows += [(who, "on_time", "M", 5) for who in range(4)]

    unit = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    for name in ("G5", "expectation"):
        entry = gap(unit, name)
        assert (entry["interval"], entry["low"] < 0 < entry["high"]) == ("logit", True)
        assert (entry["harmful"], entry["established"]) == (False, False)


def test_each_level_shows_its_own_figures() -> None:
    """By hand: reliability 4, assurance 6, so 5 overall."""
    rows = asked("E", 6, scores=(4,)) + asked("E", 6, "polite", scores=(6,))

    cells = analyse({"A": unit_of(rows)}, ITEMS).units["A"]["vantage"]["E"]

    assert cells["overall"]["mean"] == 5.0
    assert {name: cell["mean"] for name, cell in cells["dimensions"].items()} == {
        "reliability": 4.0,
        "assurance": 6.0,
    }
    assert cells["items"]["polite"]["mean"] == 6.0
    assert cells["overall"]["n_answers"] == 12


def test_the_lived_promise_stands_in_the_communication_gap_alone() -> None:
    unit = analyse({"A": unit_of(full())}, ITEMS).units["A"]

    carrying = {entry["name"] for entry in unit["gaps"] if "lived_promise" in entry}

    assert carrying == {"communication"}
    assert gap(unit, "communication")["lived_promise"]["estimate"] == 0.0


def test_reports_of_other_answers_are_not_equal() -> None:
    report = analyse({"A": unit_of(full())}, ITEMS)

    assert report != analyse({"A": unit_of(full(9))}, ITEMS)
    assert report != report.to_plain()


def test_weights_are_named_in_the_report() -> None:
    weights = {"reliability": 2.0, "assurance": 1.0}
    plain = analyse(
        {"A": unit_of(full())}, ITEMS, weights=weights, weights_source="published prior"
    ).to_plain()
    without = analyse({"A": unit_of(full())}, ITEMS).to_plain()

    assert plain["overall"] == without["overall"] == "mean of dimension means"
    assert (plain["weights"], plain["weights_source"]) == (weights, "published prior")
    assert (without["weights"], without["weights_source"]) == (None, None)


def test_weighted_figures_stand_beside_the_overall_ones() -> None:
    """By hand: E is 4 and 6, P is 3 and 6; weights 3 to 1 make E 4.5, P 3.75 and the gap -0.75."""
    rows = asked("E", 6, scores=(4,)) + asked("E", 6, "polite", scores=(6,))
    rows += asked("P", 6, scores=(3,)) + asked("P", 6, "polite", scores=(6,))
    weights = {"reliability": 3.0, "assurance": 1.0}

    unit = analyse({"A": unit_of(rows)}, ITEMS, weights=weights).units["A"]
    without = analyse({"A": unit_of(rows)}, ITEMS).units["A"]

    assert unit["vantage"]["E"]["overall"]["mean"] == 5.0
    assert unit["vantage"]["E"]["weighted"]["mean"] == 4.5
    assert unit["vantage"]["E"]["weighted"]["n_respondents"] == 6
    assert gap(unit, "G5")["estimate"] == -0.5
    assert gap(unit, "G5", "weighted", "weighted")["estimate"] == -0.75
    assert [link["estimate"] for link in unit["chain_weighted"]] == [-0.75]
    assert unit["chain"] == without["chain"]
    assert "weighted" not in without["vantage"]["E"]
    assert "chain_weighted" not in without


def test_no_answers_make_a_report_that_says_not_asked() -> None:
    unit = analyse({"A": {}}, ITEMS).units["A"]

    assert {entry["reason"] for entry in unit["gaps"]} == {"not asked"}
    assert unit["chain"] == []


def test_a_unit_named_like_the_whole_is_refused() -> None:
    with pytest.raises(SettingsError, match="rename"):
        analyse({"*": unit_of(full())}, ITEMS)


def test_items_the_report_was_not_told_of_are_refused() -> None:
    with pytest.raises(MixedMomentsError, match="on_time"):
        analyse({"A": unit_of(full())}, {"polite": "assurance"})


def test_more_units_than_one_portion_holds_are_all_there() -> None:
    one = unit_of(full())
    report = analyse({f"u{k}": one for k in range(600)}, ITEMS)

    assert len(report.units) == 601
    assert report.units["u599"] == report.units["u0"]
    assert report.units["*"]["vantage"]["D"]["overall"]["n_respondents"] == 3600


row = st.tuples(st.integers(0, 6), st.sampled_from(KEYS), st.sampled_from("EMSDCP"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(row, st.integers(1, 7)), max_size=60))
def test_no_report_shows_a_cell_of_fewer_people_than_its_floor(
    cells: list[tuple[tuple[int, str, str], int]],
) -> None:
    rows = [(*place, score) for place, score in cells]

    plain_units = analyse({"A": unit_of(rows)}, ITEMS).units

    for unit in plain_units.values():
        shown = [
            (v, n, key)
            for v, levels in unit["vantage"].items()
            for key, cell in {**levels["dimensions"], **levels["items"]}.items()
            if (n := cell["n_respondents"]) and cell["mean"] is not None
        ]
        for vantage, n, key in shown:
            people = {r[0] for r in rows if r[2] == vantage and key in {r[1], ITEMS[r[1]]}}
            assert n == len(people) >= MINIMUM[group_of(Vantage(vantage))]
        for entry in unit["gaps"]:
            for side in ("minuend", "subtrahend"):
                count = entry[f"n_{side}"]
                assert count is None or count >= MINIMUM[group_of(Vantage(entry[side]))]
            assert entry.get("suppressed") or entry["estimate"] is not None
            assert np.isfinite([n for n in numbers_in(entry) if isinstance(n, float)]).all()


REGIONS = {"north": ["A", "B"], "all but C": ["B", "A", "D"], "lone": ["C"], "empty": []}
many_rows = st.lists(st.tuples(st.sampled_from("ABCD"), row, st.integers(1, 7)), max_size=120)


def units_of(told: Sequence[tuple[str, Row]]) -> dict[str, dict[Group, Moments]]:
    """Moments of units A to D; a respondent of one unit is nobody in another."""
    return {name: unit_of([r for unit, r in told if unit == name]) for name in "ABCD"}


@settings(max_examples=15, deadline=None)
@given(many_rows)
def test_a_region_is_all_its_units_together(
    drawn: list[tuple[str, tuple[int, str, str], int]],
) -> None:
    """Regions nest and overlap; each equals a unit made of all its units' answers."""
    told = [(unit, (*place, score)) for unit, place, score in drawn]
    number = {name: k for k, name in enumerate("ABCD")}

    weights = {"reliability": 2, "assurance": 1}
    merged = {
        region: unit_of([(100 * number[u] + r[0], *r[1:]) for u, r in told if u in names])
        for region, names in (REGIONS | {"whole": list("ABCD")}).items()
    }

    report = analyse_own_table(units_of(told), ITEMS, regions=REGIONS, weights=weights)

    alone = analyse_own_table(merged, ITEMS, weights=weights)
    single = {name: without_siblings(alone.units[name]) for name in merged}
    assert all(report.regions[region] == single[region] for region in REGIONS)
    assert report.units["*"] == single["whole"]


def without_siblings(unit: dict[str, Any]) -> dict[str, Any]:
    """A unit as it would be were there no other: sums of units have no siblings."""
    gaps = [{key: value for key, value in gap.items() if key != "shrunken"} for gap in unit["gaps"]]
    return unit | {"gaps": gaps}


def naive_mean(rows: Sequence[Row], vantage: str, weights: dict[str, float] | None) -> float | None:
    """Mean of item means within a dimension, then over dimensions, one row at a time."""
    dimensions: dict[str, list[float]] = {}
    for item in KEYS:
        scores = [r[3] for r in rows if r[1:3] == (item, vantage)]
        if scores:
            dimensions.setdefault(ITEMS[item], []).append(sum(scores) / len(scores))
    if not dimensions:
        return None
    share = {name: weights[name] if weights else 1.0 for name in dimensions}
    means = {name: sum(own) / len(own) for name, own in dimensions.items()}
    return sum(share[name] * means[name] for name in means) / sum(share.values())


@settings(max_examples=20, deadline=None)
@given(many_rows, st.floats(0.1, 9))
def test_overall_and_weighted_gaps_equal_a_naive_loop_in_units_and_regions(
    drawn: list[tuple[str, tuple[int, str, str], int]], heavy: float
) -> None:
    told = [(unit, (*place, score)) for unit, place, score in drawn]
    weights = {"reliability": heavy, "assurance": 1.0}
    known = {name: [name] for name in "ABCD"} | REGIONS

    report = analyse_own_table(units_of(told), ITEMS, regions=REGIONS, weights=weights)

    for name, units in known.items():
        rows = [r for unit, r in told if unit in units]
        plain = (report.regions if name in REGIONS else report.units)[name]
        for entry in plain["gaps"]:
            if entry["level"] not in {"overall", "weighted"}:
                continue
            chosen = weights if entry["level"] == "weighted" else None
            left, right = (naive_mean(rows, entry[s], chosen) for s in ("minuend", "subtrahend"))
            if left is None or right is None:
                assert entry["estimate"] is None
            else:
                assert entry["estimate"] == pytest.approx(left - right, abs=1e-9)


def test_regions_are_named_in_the_head_and_survive_being_stored() -> None:
    units = {name: unit_of(full()) for name in "AB"}

    report = analyse(units, ITEMS, regions={"both": ["A", "B"]})

    plain = json.loads(json.dumps(report.to_plain()))
    assert plain["region_units"] == {"both": ["A", "B"]}
    assert list(plain["regions"]) == ["both"]
    assert Report.from_plain(plain) == report
    assert Report.from_plain({k: v for k, v in plain.items() if k != "regions"}).regions == {}


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ({"north": ["A", "Z"]}, "unknown units"),
        ({"A": ["A"]}, "bears the name of a unit"),
        ({"*": ["A"]}, "the whole's name"),
    ],
)
def test_regions_that_cannot_be_are_refused(regions: dict[str, list[str]], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        analyse({"A": unit_of(full())}, ITEMS, regions=regions)


def test_the_table_holds_the_figures_of_the_plain_form() -> None:
    units = {"A": unit_of(full()), "B": unit_of(full(6, 1, 2)), "C": {}}
    report = analyse(
        units, ITEMS, regions={"both": ["A", "B"]}, weights=dict.fromkeys(ITEMS.values(), 1)
    )

    for level in ("overall", "weighted", "dimension", "item"):
        table = {name: column.tolist() for name, column in report.table(level).items()}
        plain = {**report.units, **report.regions}
        entries = [
            (unit, g) for unit, own in plain.items() for g in own["gaps"] if g["level"] == level
        ]
        assert len({len(column) for column in table.values()}) == 1
        assert len(table["unit"]) == len(entries)
        for k, unit in enumerate(table["unit"]):
            place = tuple(table[name][k] for name in ("set", "gap", "key"))
            entry = next(
                g for own, g in entries if own == unit and (g["set"], g["name"], g["key"]) == place
            )
            for name in ("estimate", "se", "low", "high", "df", "n_minuend", "n_subtrahend"):
                found = table[name][k]
                assert (None if np.isnan(found) else found) == entry[name]
            assert table["verdict"][k] == entry.get("reason", "shown")
            assert table["interval"][k] == (entry["interval"] or "")


def test_the_table_of_means_holds_the_cells_of_the_plain_form() -> None:
    units = {"A": unit_of(full()), "B": unit_of(full(6, 1, 2)), "C": {}}
    report = analyse(
        units, ITEMS, regions={"both": ["A", "B"]}, weights=dict.fromkeys(ITEMS.values(), 1)
    )
    plain = {**report.units, **report.regions}

    for level, many in (("overall", 1), ("weighted", 1), ("dimension", 2), ("item", 3)):
        table = {name: column.tolist() for name, column in report.means(level).items()}
        assert len({len(column) for column in table.values()}) == 1
        assert len(table["unit"]) == len(plain) * 6 * many
        for k, (unit, point, key) in enumerate(
            zip(table["unit"], table["vantage"], table["key"], strict=True)
        ):
            cells = plain[unit]["vantage"][point]
            cell = cells[level] if key == level else cells[f"{level}s"][key]
            for name in ("mean", "se", "low", "high", "df", "n_respondents", "n_answers"):
                found = table[name][k]
                assert (None if np.isnan(found) else found) == cell[name]
            assert table["verdict"][k] == cell.get("reason", "shown")
            assert table["interval"][k] == (cell["interval"] or "")


def test_a_level_the_report_does_not_have_is_refused() -> None:
    report = analyse({"A": unit_of(full())}, ITEMS)

    with pytest.raises(SettingsError, match="no level 'weighted'"):
        report.table("weighted")
    with pytest.raises(SettingsError, match="read back"):
        Report.from_plain(report.to_plain()).table()
    with pytest.raises(SettingsError, match="read back"):
        Report.from_plain(report.to_plain()).means()


def test_a_report_of_no_units_has_the_whole_alone() -> None:
    report = analyse({}, ITEMS)

    assert list(report.units) == ["*"]
    assert report.table()["unit"].tolist() == ["*"] * 20
