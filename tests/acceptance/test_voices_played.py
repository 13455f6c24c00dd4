"""A spoken answer to the open question, from the page's microphone to the manager's ear."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from bot.demo.company import PLAYED
from bot.people.registry import unit_named
from bot.surveys.tables import Comment, Run
from bot.surveys.waves import plan_for, write_wave
from tests.acceptance.playing import Play, labels, playing

CLARA, _, MAYA = PLAYED
SPOKEN = b"OggS" + b"a customer says what it was like" * 9
OTHERS = 7
"""With one more, as many comments as may be shown."""


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The company at work; nothing writes recordings out."""
    async with playing(tmp_path) as house:
        yield house


async def test_managers_hear_what_is_said_by_name_and_nobody_hears_the_rest(play: Play) -> None:
    await play.bot.lane.run(lambda session: _ask(session, play, "visit"))
    await _to_the_open_question(play)
    thanks = await play.speaks(CLARA, SPOKEN)
    assert "Thank you" in thanks.body.text
    assert _kept(play)[0].voice

    await play.bot.lane.run(_let_others_write)
    await play.bot.desk.bring_up_to_date()
    await play.says(MAYA, "/digest")
    digest = await play.finds(MAYA, lambda one: any("Listen" in label for label in labels(one)))
    heard = await play.presses(MAYA, digest, "Listen to comments")
    assert await play.plays(heard) == SPOKEN

    await play.bot.lane.run(lambda session: _ask(session, play, "customers"))
    await _to_the_open_question(play)
    refused = await play.speaks(CLARA, b"OggS" + SPOKEN)
    assert "write" in refused.body.text
    assert [one.seconds for one in _kept(play) if one.voice] == [4]
    assert not [one.error for one in play.chat.calls if one.error]


async def test_a_recording_is_sealed_where_it_is_kept(tmp_path: Path) -> None:
    async with playing(tmp_path) as house:
        await house.bot.lane.run(lambda session: _ask(session, house, "visit"))
        await _to_the_open_question(house)
        await house.speaks(CLARA, SPOKEN)
        [kept] = _kept(house)
        with house.bot.database.reading() as session:
            [stored] = session.scalars(text("SELECT voice FROM comment WHERE voice <> ''")).all()

    assert kept.voice != stored
    assert kept.voice not in str(stored)


async def _to_the_open_question(play: Play) -> None:
    card = await play.finds(CLARA, lambda one: "7" in labels(one))
    while "7" in labels(card):
        card = await play.presses(CLARA, card, "6")


def _ask(session: Session, play: Play, questionnaire: str) -> None:
    desk, now = play.bot.parts.surveys, play.clock.now()
    unit = unit_named(session, "Riverside")
    paper = desk.library.keep(session, desk.library.read(questionnaire))
    plan = plan_for(session, desk, paper=paper, unit=unit, now=now, at_once=True)
    write_wave(session, plan, paper=paper, unit=unit, now=now)


def _let_others_write(session: Session) -> None:
    """Give the open question of other customers' visits some words each."""
    spoken = select(col(Comment.run_key))
    runs = session.scalars(
        select(Run).where(~col(Run.anonymous), col(Run.key).not_in(spoken)).limit(OTHERS)
    ).all()
    for run in runs:
        session.add(
            Comment(
                run_key=run.key, text="Fine.", language="en", unit_id=run.unit_id, week=run.week
            )
        )


def _kept(play: Play) -> list[Comment]:
    """Return the comments that were spoken."""
    with play.bot.database.reading() as session:
        found = [one for one in session.scalars(select(Comment)) if one.voice]
        session.expunge_all()
        return found
