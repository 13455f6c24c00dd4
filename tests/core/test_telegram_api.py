"""The seam towards Telegram: calls as data, plain results, and no token in sight."""

from typing import Any

import pytest
from telegram.error import NetworkError

from bot.core.dialogue import message_call
from bot.core.telegram_api import Telegram
from bot.demo.errors import ApiError
from tests.support.machinery import TOKEN, heard, offline_chat, offline_telegram
from tests.support.pictures import small_png
from tests.support.virtual_time import loop_clock, virtually


@virtually
async def test_a_call_is_made_as_it_was_stored() -> None:
    chat = offline_chat(loop_clock())

    result = await offline_telegram(chat).make(message_call(1, "<b>hello</b>"))

    assert heard(chat, 1) == ["hello"]
    assert result["message_id"] == chat.timeline(1)[-1].message_id


@virtually
async def test_a_picture_goes_along_with_its_call() -> None:
    chat = offline_chat(loop_clock())
    call = {"method": "sendPhoto", "chat_id": 1, "caption": "a chart"}

    await offline_telegram(chat).make(call, files={"photo": ("chart.png", small_png())})

    sent = chat.timeline(1)[-1].photo
    assert sent is not None
    assert sent.content == small_png()


@virtually
async def test_asking_with_an_offset_confirms_what_came_before() -> None:
    chat = offline_chat(loop_clock())
    telegram = offline_telegram(chat)
    chat.say(1, "a")
    chat.say(1, "b")

    first = await telegram.fetch(None)
    again = await telegram.fetch(first[0]["update_id"] + 1)

    assert [one["message"]["text"] for one in first] == ["a", "b"]
    assert [one["message"]["text"] for one in again] == ["b"]
    assert len(chat.updates) == 1


@pytest.mark.parametrize("answer", [{}, None, True, "updates"])
def test_an_answer_that_is_no_list_of_updates_is_a_network_error(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post(*_: Any, **__: Any) -> Any:
        return answer

    @virtually
    async def go() -> None:
        monkeypatch.setattr(Telegram, "_post", post)
        with pytest.raises(NetworkError):
            await offline_telegram(offline_chat(loop_clock())).fetch(None)

    go()


def test_updates_that_arrive_mixed_up_are_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(*_: Any, **__: Any) -> Any:
        return [{"update_id": 9}, {"no": "number"}, {"update_id": 7}, {"update_id": 8}]

    @virtually
    async def go() -> None:
        monkeypatch.setattr(Telegram, "_post", post)
        fetched = await offline_telegram(offline_chat(loop_clock())).fetch(None)
        assert [one["update_id"] for one in fetched] == [7, 8, 9]

    go()


@virtually
async def test_neither_its_name_nor_its_errors_show_the_token() -> None:
    chat = offline_chat(loop_clock())
    telegram = offline_telegram(chat)
    chat.faults.refuse("sendMessage", ApiError(401, "Unauthorized"))

    with pytest.raises(Exception, match="Unauthorized") as caught:
        await telegram.make(message_call(1, "hello"))

    assert TOKEN not in f"{telegram!r} {caught.value!r}"
