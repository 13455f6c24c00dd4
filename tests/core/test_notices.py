"""Notices: promised once, written in the reader's language when sent, emptied afterwards."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot.core import notices
from bot.core.database import Database
from bot.core.notices import NoticeComposer, notify
from bot.core.outbox import Recipient
from bot.core.pictures import keep_picture
from bot.core.render import Texts
from bot.core.tables import Delivery, Notice
from bot.people.tables import Person
from tests.conftest import NOW
from tests.support.pictures import small_png

SECRET = "0123456789abcdef0123456789abcdef"


def _person(session: Session) -> int:
    person = Person(telegram_id=7, name="Ana", language="en", consented_at=NOW)
    session.add(person)
    session.flush()
    return person.id or 0


def _promise(session: Session, person_id: int) -> bool:
    return notify(
        session,
        person_id,
        "people/choose_unit.html",
        key="choose:1",
        now=NOW,
        values={"more": True, "command": "/digest", "since": date(2026, 3, 2)},
        offers=[[("I agree", "join:1")]],
    )


def test_a_notice_is_promised_once(database: Database):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)

        assert _promise(session, ana)
        assert not _promise(session, ana)
        assert len(session.scalars(select(Notice)).all()) == 1


def test_it_is_written_in_the_language_of_its_reader_with_signed_buttons(
    database: Database, texts: Texts
):
    with Session(database.engine) as session, session.begin():
        ana = _person(session)
        _promise(session, ana)
        delivery = session.scalars(select(Delivery)).one()
        reader = Recipient(ana, 7, "es", SECRET)

        calls = NoticeComposer(texts).compose(session, delivery, reader, NOW)

        assert calls is not None
        assert "unidad" in calls[0]["text"].lower()
        assert "/digest" in calls[0]["text"]
        button = calls[0]["reply_markup"]["inline_keyboard"][0][0]
        assert button["text"] == texts.label("es", "I agree")
        assert button["callback_data"].startswith("join:1~")


def _under(session: Session, *, words: str, picture: str) -> list[dict[str, Any]]:
    ana = _person(session)
    notify(
        session,
        ana,
        "improvement/told_message.html",
        key="p",
        now=NOW,
        picture=picture,
        values={"words": words, "unit": "Riverside"},
        offers=[[("Open it", "ac:1:-")]],
    )
    delivery = session.scalars(select(Delivery)).one()
    reader = Recipient(ana, 7, "en", SECRET)
    return NoticeComposer(Texts()).compose(session, delivery, reader, NOW) or []


def test_a_notice_may_go_under_a_picture_as_its_caption(database: Database):
    with Session(database.engine) as session, session.begin():
        sha = keep_picture(session, small_png(), NOW.date())

        (call,) = _under(session, words="It helped.", picture=sha)

        assert (call["method"], call["picture"]) == ("sendPhoto", sha)
        assert "It helped." in call["caption"]
        assert call["reply_markup"]["inline_keyboard"]


def test_what_is_too_long_for_a_caption_follows_its_picture(database: Database):
    with Session(database.engine) as session, session.begin():
        sha = keep_picture(session, small_png(), NOW.date())

        photo, message = _under(session, words="word " * 300, picture=sha)

        assert photo == {"method": "sendPhoto", "chat_id": 7, "picture": sha}
        assert message["method"] == "sendMessage"
        assert message["reply_markup"]["inline_keyboard"]


def test_a_notice_whose_picture_is_gone_is_sent_in_words(database: Database):
    with Session(database.engine) as session, session.begin():
        (call,) = _under(session, words="It helped.", picture="f" * 64)

        assert call["method"] == "sendMessage"


def test_days_come_back_as_days_whatever_a_text_looks_like(database: Database):
    said = {"on": date(2026, 3, 4), "words": ["$day", "2026-03-04"], "inner": {"n": 1}}

    assert notices._revived(notices._plain(said)) == said


def test_a_sent_notice_is_emptied_and_an_old_one_forgotten(database: Database, texts: Texts):
    with Session(database.engine) as session, session.begin():
        _promise(session, _person(session))
        delivery = session.scalars(select(Delivery)).one()

        NoticeComposer(texts).sent(session, delivery, [{}])
        session.expire_all()
        kept = session.scalars(select(Notice)).one()
        notices.purge(session, NOW.date() + timedelta(days=10))
        still = session.scalars(select(col(Notice.id))).all()
        notices.purge(session, NOW.date() + timedelta(days=15))

        assert kept.content == {}
        assert kept.offers == []
        assert len(still) == 1
        assert session.scalars(select(Notice)).all() == []
