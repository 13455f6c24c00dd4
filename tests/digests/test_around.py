"""What stands beside the figures: at a glance where there is much, at length by a tap."""

from bot.core.dialogue import Button, Section
from bot.core.render import Texts
from bot.digests.around import Beside, Reading, at_length
from tests.conftest import NOW

TO = Reading(unit_id=3, report_id=8, reader_id=1, language="en", now=NOW)
ACTIONS = Section(
    "<b>What is being done</b>\n1. Mend the tools\n⚠ 2 days overdue\n2. A sign",
    [[Button("1", "ac:1")], [Button("What is being done", "actions:3:0")]],
)
NOTES = Section("<b>Told</b>\n1. Oat milk", [[Button("1. Tell those who were asked", "ysd:3:1")]])
IDEAS = Section("<b>Ideas</b>\n<i>First\n</i>🆕 1 waits.\nMore", [[Button("Ideas", "ideas:3")]])


def many(section: Section, times: int) -> list[Section]:
    return [section] * times


def test_little_is_told_at_length(texts: Texts):
    short = Beside(texts).in_short([ACTIONS, NOTES], TO)

    assert short == at_length([ACTIONS, NOTES])


def test_nothing_is_told_where_there_is_nothing(texts: Texts):
    assert Beside(texts).in_short([], TO) is None


def test_much_is_told_by_headings_and_the_line_that_matters_most(texts: Texts):
    short = Beside(texts).in_short([ACTIONS, IDEAS, *many(NOTES, 4)], TO)

    assert short is not None
    lines = short.text.splitlines()
    assert lines[:3] == ["<b>What is being done</b>", "1. Mend the tools", "⚠ 2 days overdue"]
    assert lines[3:5] == ["<b>Ideas</b>", "More"]  # a line that leaves a mark open is passed over
    assert len(lines) == 13


def test_each_section_keeps_the_button_that_leads_to_all_of_it(texts: Texts):
    """Buttons that begin with a number mean nothing without the list they belong to."""
    short = Beside(texts).in_short([ACTIONS, IDEAS, *many(NOTES, 4)], TO)

    assert short is not None
    assert [[one.label for one in row] for row in short.rows] == [
        ["What is being done", "Ideas"],
        ["Everything at length"],
    ]
    assert short.rows[-1][0].action == "whole:3:8"
