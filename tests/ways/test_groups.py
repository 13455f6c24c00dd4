"""In a group the bot offers to go on in private, by one message; else it says and keeps nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, SQLModel
from telegram import Update

from bot.core.callbacks import sign
from bot.core.dialogue import Call
from bot.core.tables import AuditEntry
from bot.people.tables import Invitation
from bot.ways.groups_chat import USES
from tests.support.updates import User, buttons, message, press, said
from tests.ways.conftest import MANAGER, OTHER, OWNER, STAFF, PosterHouse

GROUP = -1001234567890
GUEST = 901
_MAY = (
    "be_edited manage_chat delete_messages manage_video_chats restrict_members promote_members"
    " change_info invite_users post_stories edit_stories delete_stories"
)
_RIGHTS = {f"can_{one}": False for one in _MAY.split()} | {"is_anonymous": False}
STRANGE = ["wyg", "wyg:1", "wyg:1:5", "wyg:99:-5", "wyg:1:-x", "wygn", "wygn:7"]


def _membership(user_id: int, before: str, after: str, kind: str = "supergroup") -> Update:
    bot = {"id": 99, "is_bot": True, "first_name": "Bot", "username": "bluecup_bot"}
    until = {"until_date": 0}

    def member(status: str) -> dict[str, Any]:
        more = until if status == "kicked" else _RIGHTS if status == "administrator" else {}
        return {"status": status, "user": bot} | more

    change = {
        "chat": {"id": GROUP, "type": kind, "title": "Team"},
        "from": User(user_id).plain(),
        "date": 1772618400,
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
    return Update.de_json({"update_id": 1, "my_chat_member": change}, None)


def _added(user_id: int, kind: str = "supergroup") -> Update:
    return _membership(user_id, "left", "member", kind)


def _written(user_id: int, text: str) -> Update:
    return message(User(user_id), text, chat={"id": GROUP, "type": "supergroup", "title": "Team"})


def _to_group(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if call.get("chat_id") == GROUP]


def _address(calls: Sequence[Call]) -> str:
    (call,) = _to_group(calls)
    ((button,),) = call["reply_markup"]["inline_keyboard"]
    assert set(button) == {"text", "url"}
    return str(button["url"])


def _rows(house: PosterHouse) -> dict[str, int]:
    def count(session: Session) -> dict[str, int]:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }

    return house.database.run(count)


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize("who", [GUEST, STAFF])
def test_whoever_else_adds_the_bot_gets_one_message_with_a_plain_link(
    house: PosterHouse, who: int, kind: str
) -> None:
    before = _rows(house)
    talk = house.chat(who)

    talk.take(_added(who, kind))

    assert len(talk.last) == 1
    assert _address(talk.last) == "https://t.me/bluecup_bot"
    assert "goes on in private" in said(talk.last)
    assert _rows(house) == before


def test_a_manager_is_asked_in_private_and_nothing_is_said_in_the_group_yet(
    house: PosterHouse,
) -> None:
    before = _rows(house)
    talk = house.chat(MANAGER)

    talk.take(_added(MANAGER))

    assert _to_group(talk.last) == []
    assert [call["chat_id"] for call in talk.last] == [MANAGER]
    assert list(buttons(talk.last)) == ["Riverside", "None of these: a plain link"]
    assert _rows(house) == before


def test_a_manager_who_says_so_lets_the_team_in_by_one_message(any_house: PosterHouse) -> None:
    talk = any_house.chat(MANAGER)
    talk.take(_added(MANAGER))

    done = talk.press("Riverside")
    address = _address(talk.last)
    payload = address.partition("?start=")[2]
    for number in range(2):
        member = any_house.chat(GUEST + number)
        member.send(f"/start {payload}")
        member.press("I agree")

    (made,) = any_house.rows(Invitation)
    assert any_house.roles(GUEST) == (("staff", any_house.unit()),)
    assert any_house.roles(GUEST + 1) == (("staff", any_house.unit()),)
    assert (made.role, made.max_uses, made.uses) == ("staff", USES, 2)
    assert (made.expires_at - any_house.now).days == 7
    assert "staff of" in done
    assert [one.what for one in any_house.rows(AuditEntry)] == ["invitation.group"]


def test_a_second_tap_puts_no_second_message_into_the_group(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.take(_added(MANAGER))
    question = talk.last
    talk.press("Riverside")

    talk.last = question
    talk.press("Riverside")

    assert _to_group(talk.last) == []
    assert len(house.rows(Invitation)) == 1


def test_a_manager_who_says_no_gives_a_plain_link(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.take(_added(MANAGER))

    talk.press("None of these")

    assert _address(talk.last) == "https://t.me/bluecup_bot"
    assert house.rows(Invitation) == []


@pytest.mark.parametrize("who", [OTHER, STAFF, GUEST])
def test_nobody_else_can_let_a_team_in(house: PosterHouse, who: int) -> None:
    action = sign(house.secret, who, f"wyg:{house.unit()}:{GROUP}")
    talk = house.chat(who)

    talk.take(press(User(who), action))

    assert _to_group(talk.last) == []
    assert house.rows(Invitation) == []


@pytest.mark.parametrize("action", STRANGE)
def test_a_button_that_names_no_group_or_unit_is_answered(house: PosterHouse, action: str) -> None:
    talk = house.chat(OWNER)

    answer = talk.take(press(User(OWNER), sign(house.secret, OWNER, action)))

    assert "no longer in use" in answer
    assert [call["method"] for call in talk.last] == ["answerCallbackQuery"]


@pytest.mark.parametrize("text", ["/start", "/START", "/start@bluecup_bot", "/start@BlueCup_bot x"])
def test_start_in_a_group_offers_the_private_chat_again(house: PosterHouse, text: str) -> None:
    talk = house.chat(MANAGER)

    talk.take(_written(MANAGER, text))

    assert _address(talk.last) == "https://t.me/bluecup_bot"
    assert house.rows(Invitation) == []


@pytest.mark.parametrize(
    "text", ["hello", "/gaps", "/start@other_bot", "/starting", "/", "@bluecup_bot what is this?"]
)
def test_nothing_else_is_answered_or_kept_in_a_group(house: PosterHouse, text: str) -> None:
    before = _rows(house)
    talk = house.chat(MANAGER)

    talk.take(_written(MANAGER, text))

    assert talk.last == []
    assert _rows(house) == before


def test_a_payload_sent_in_a_group_lets_nobody_in(house: PosterHouse) -> None:
    way = house.way()
    talk = house.chat(GUEST)

    talk.take(_written(GUEST, f"/start {way.payload}"))

    assert _address(talk.last) == "https://t.me/bluecup_bot"
    assert way.payload not in str(talk.last)
    assert house.person(GUEST) is None


def test_an_awaited_answer_is_not_taken_from_a_group(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)
    talk.send("/poster")
    talk.press("+ Counter")

    talk.take(_written(MANAGER, "not a name"))
    shown = talk.send("Till 9")

    assert "Till 9" in shown


@pytest.mark.parametrize(
    ("before", "after"), [("member", "left"), ("member", "kicked"), ("member", "administrator")]
)
def test_leaving_and_being_promoted_is_met_with_silence(
    house: PosterHouse, before: str, after: str
) -> None:
    counted = _rows(house)
    talk = house.chat(MANAGER)

    talk.take(_membership(MANAGER, before, after))

    assert talk.last == []
    assert _rows(house) == counted
    person = house.person(MANAGER)
    assert person is not None
    assert person.state == "active"  # thrown out of a group is not blocked by a person


def test_a_channel_is_none_of_our_business(house: PosterHouse) -> None:
    talk = house.chat(MANAGER)

    talk.take(_added(MANAGER, "channel"))

    assert talk.last == []
