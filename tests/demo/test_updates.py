"""How updates reach the bot, and what it may answer, through both faces."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError, ImpossibleAct
from bot.demo.model import CallbackAnswer

ALICE, BRUNO, CHEN, STRANGER = 1001, 1002, 1003, 999
CARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton(str(n), callback_data=str(n)) for n in "1234567"]]
)


async def test_the_bot_knows_its_name(bot: Any) -> None:
    me = await bot.get_me()

    assert (me.username, me.is_bot) == ("gap_test_bot", True)


async def test_a_message_stays_until_an_offset_confirms_it(bot: Any, chat: OfflineChat) -> None:
    chat.say(ALICE, "/start abc")
    chat.say(CHEN, "hello")

    first, second = await bot.get_updates()
    again = await bot.get_updates(offset=second.update_id)
    nothing = await bot.get_updates(offset=second.update_id + 1)

    assert first.message.text == "/start abc"
    assert [(e.type, e.length) for e in first.message.entities] == [("bot_command", 6)]
    assert first.effective_user.language_code == "en"
    assert [u.update_id for u in again] == [second.update_id]
    assert nothing == ()


async def test_a_limit_cuts_the_list_and_a_negative_offset_starts_from_the_end(
    bot: Any, chat: OfflineChat
) -> None:
    for number in range(5):
        chat.say(ALICE, f"message {number}")

    assert len(await bot.get_updates(limit=2)) == 2
    assert [u.message.text for u in await bot.get_updates(offset=-1)] == ["message 4"]
    assert len(chat.updates) == 1


async def test_a_long_poll_ends_when_something_happens(bot: Any, chat: OfflineChat) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    assert not poll.done()

    chat.say(ALICE, "now")

    assert [u.message.text for u in await poll] == ["now"]


async def test_a_second_poller_ends_the_first(bot: Any, chat: OfflineChat) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bot.get_updates(timeout=30))

    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    chat.say(ALICE, "for the second")
    assert len(await second) == 1


async def test_polling_is_refused_while_a_webhook_is_set(bot: Any) -> None:
    await bot.set_webhook("https://example.org/hook")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "https://example.org/hook"

    await bot.delete_webhook()

    assert await bot.get_updates() == ()


async def test_dropping_pending_updates_forgets_them(bot: Any, chat: OfflineChat) -> None:
    chat.say(ALICE, "old")

    await bot.delete_webhook(drop_pending_updates=True)

    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_only_wanted_kinds_of_updates_come(bot: Any, chat: OfflineChat) -> None:
    await bot.get_updates(allowed_updates=["message"])

    chat.block(ALICE)
    chat.say(CHEN, "hello")

    assert [u.message.text for u in await bot.get_updates()] == ["hello"]


async def test_blocking_and_unblocking_are_told(bot: Any, chat: OfflineChat) -> None:
    chat.block(ALICE)
    chat.block(ALICE)
    chat.unblock(ALICE)

    changes = [u.my_chat_member for u in await bot.get_updates()]

    assert [(c.old_chat_member.status, c.new_chat_member.status) for c in changes] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]


async def test_what_is_not_fetched_in_time_is_gone(bot: Any, chat: OfflineChat, clock: Any) -> None:
    card = await bot.send_message(ALICE, "card", reply_markup=CARD)
    chat.say(ALICE, "message")
    chat.press(ALICE, card.message_id, "3")

    clock.advance(seconds=151)
    assert [u.message.text for u in await bot.get_updates()] == ["message"]

    clock.advance(hours=24)
    assert await bot.get_updates() == ()


async def test_a_press_arrives_and_is_answered_once(bot: Any, chat: OfflineChat) -> None:
    card = await bot.send_message(ALICE, "card", reply_markup=CARD)
    press = chat.press(ALICE, card.message_id, "5")

    (update,) = await bot.get_updates()
    await update.callback_query.answer("Thank you.", show_alert=True)

    assert update.callback_query.data == "5"
    assert update.callback_query.message.message_id == card.message_id
    assert press.answer == CallbackAnswer("Thank you.", show_alert=True)
    with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired"):
        await bot.answer_callback_query(press.query_id)


async def test_an_old_or_unknown_press_cannot_be_answered(
    bot: Any, chat: OfflineChat, clock: Any
) -> None:
    card = await bot.send_message(ALICE, "card", reply_markup=CARD)
    press = chat.press(ALICE, card.message_id, "5")
    clock.advance(seconds=16)

    with pytest.raises(BadRequest, match=r"(?i)query ID is invalid"):
        await bot.answer_callback_query(press.query_id)
    with pytest.raises(BadRequest, match=r"(?i)query ID is invalid"):
        await bot.answer_callback_query("123")


async def test_an_answer_has_at_most_200_characters(bot: Any, chat: OfflineChat) -> None:
    card = await bot.send_message(ALICE, "card", reply_markup=CARD)
    press = chat.press(ALICE, card.message_id, "5")

    with pytest.raises(BadRequest, match=r"(?i)MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(press.query_id, "x" * 201)


async def test_people_can_only_do_what_an_app_offers(bot: Any, chat: OfflineChat) -> None:
    card = await bot.send_message(ALICE, "card", reply_markup=CARD)
    chat.block(CHEN)

    with pytest.raises(ImpossibleAct, match="no button"):
        chat.press(ALICE, card.message_id, "8")
    with pytest.raises(ImpossibleAct, match="no message"):
        chat.press(ALICE, 4711, "1")
    with pytest.raises(ImpossibleAct, match="blocked"):
        chat.say(CHEN, "hello")
    with pytest.raises(ImpossibleAct, match="no person"):
        chat.say(STRANGER, "hello")
    assert chat.press(ALICE, card.message_id, "8", forged=True).data == "8"


async def test_a_wrong_token_is_refused(make_bot: Callable[[str], Any]) -> None:
    impostor = make_bot("4242:another-token")

    with pytest.raises(InvalidToken):
        await impostor.initialize()

    await impostor.shutdown()


async def test_an_unknown_method_is_not_found(bot: Any) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendRichMessage", {"chat_id": ALICE})


async def test_typing_is_shown_and_an_unknown_action_refused(bot: Any, chat: OfflineChat) -> None:
    seen = []
    chat.listen(lambda event: seen.append((event.kind, event.user_id)))

    await bot.send_chat_action(ALICE, "typing")

    assert ("typing", ALICE) in seen
    with pytest.raises(BadRequest, match=r"(?i)wrong parameter action"):
        await bot.send_chat_action(ALICE, "dancing")


async def test_a_reaction_is_put_and_taken_away(bot: Any, chat: OfflineChat) -> None:
    asked = chat.timeline(ALICE)[0]

    await bot.set_message_reaction(ALICE, asked.message_id, "👍")
    assert asked.reaction == "👍"

    await bot.set_message_reaction(ALICE, asked.message_id, [])
    assert asked.reaction is None


async def test_the_narrowest_menu_is_shown(bot: Any, chat: OfflineChat) -> None:
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("help", "Ayuda")], language_code="es")
    await bot.set_my_commands([BotCommand("digest", "Digest")], scope=BotCommandScopeChat(CHEN))

    assert chat.menu(ALICE) == [{"command": "help", "description": "Help"}]
    assert chat.menu(BRUNO) == [{"command": "help", "description": "Ayuda"}]
    assert chat.menu(CHEN) == [{"command": "digest", "description": "Digest"}]

    await bot.delete_my_commands(scope=BotCommandScopeChat(CHEN))
    assert chat.menu(CHEN) == [{"command": "help", "description": "Help"}]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (BotCommand("Help", "x"), "BOT_COMMAND_INVALID"),
        (BotCommand("x" * 33, "x"), "BOT_COMMAND_INVALID"),
        (BotCommand("help", "x" * 257), "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_a_malformed_command_is_refused(
    bot: Any, command: BotCommand, complaint: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.set_my_commands([command])


async def test_the_bots_texts_are_kept_by_language(bot: Any) -> None:
    await bot.set_my_name("Gaps")
    await bot.set_my_short_description("Mide", language_code="es")

    assert (await bot.get_my_name()).name == "Gaps"
    assert (await bot.get_my_short_description("es")).short_description == "Mide"
    with pytest.raises(BadRequest, match="too long"):
        await bot.set_my_description("x" * 513)


async def test_a_chat_can_be_looked_up(bot: Any) -> None:
    assert (await bot.get_chat(ALICE)).first_name == "Alice"
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.get_chat(STRANGER)


async def test_one_chat_takes_a_short_burst_and_then_one_a_second(
    bot: Any, chat: OfflineChat, clock: Any
) -> None:
    chat.flood.enabled = True
    for number in range(4):
        await bot.send_message(ALICE, f"{number}")

    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(ALICE, "too fast")

    wait = refusal.value.retry_after
    clock.advance(seconds=1)
    assert wait == timedelta(seconds=1)
    assert await bot.send_message(ALICE, "in time")


async def test_a_broadcast_of_more_than_30_a_second_is_stopped(
    bot: Any, chat: OfflineChat, clock: Any
) -> None:
    clock.advance(minutes=1)
    chat.flood.enabled = True
    chat.flood.burst = 1000
    for number in range(30):
        await bot.send_message((ALICE, CHEN)[number % 2], f"{number}")

    with pytest.raises(RetryAfter):
        await bot.send_message(ALICE, "one too many")

    chat.say(CHEN, "/digest")
    assert await bot.send_message(CHEN, "a reply is no broadcast")
    clock.advance(seconds=1)
    assert await bot.send_message(ALICE, "the next second")


async def test_a_planned_refusal_happens_as_often_as_planned(bot: Any, chat: OfflineChat) -> None:
    error = ApiError(429, "Too Many Requests: retry after 7", retry_after=7)
    chat.faults.refuse("sendMessage", error, times=2, user_id=ALICE)

    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(ALICE, "x")
    assert await bot.send_message(CHEN, "not meant")
    assert await bot.send_message(ALICE, "over")


async def test_a_lost_answer_leaves_the_message_sent(bot: Any, chat: OfflineChat) -> None:
    chat.faults.lose_answer("sendMessage")

    with pytest.raises(TimedOut):
        await bot.send_message(ALICE, "sent, answer lost", read_timeout=0.2)

    assert chat.timeline(ALICE)[-1].body.text == "sent, answer lost"


async def test_a_dropped_connection_leaves_nothing(bot: Any, chat: OfflineChat) -> None:
    chat.faults.drop("sendMessage")

    with pytest.raises(NetworkError):
        await bot.send_message(ALICE, "never arrives")

    assert len(chat.timeline(ALICE)) == 1


async def test_a_proxys_502_is_no_json(bot: Any, chat: OfflineChat) -> None:
    chat.faults.bad_gateway("*")

    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.get_me()


async def test_each_call_is_logged_with_its_outcome(bot: Any, chat: OfflineChat) -> None:
    await bot.send_message(ALICE, "good")
    with pytest.raises(BadRequest):
        await bot.send_message(ALICE, "")
    await bot.get_updates()

    good, bad = chat.calls[-2], chat.calls[-1]
    assert (good.method, good.user_id, good.error) == ("sendMessage", ALICE, "")
    assert bad.error == "Bad Request: message text is empty"


async def test_latency_is_added_to_each_call(bot: Any, chat: OfflineChat) -> None:
    chat.latency_seconds = 0.05

    await bot.send_message(ALICE, "slow")

    assert chat.calls[-1].milliseconds >= 50
