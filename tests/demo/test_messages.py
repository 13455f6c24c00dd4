"""What Telegram takes and refuses in messages, through both faces."""

from collections.abc import Callable
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest, Forbidden

from bot.demo.chat import OfflineChat

Draw = Callable[..., bytes]

ALICE, BRUNO, STRANGER = 1001, 1002, 999


def keys(*texts: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(t, callback_data=t) for t in texts]])


async def test_a_message_arrives_as_it_was_sent(bot: Any, chat: OfflineChat) -> None:
    sent = await bot.send_message(
        ALICE,
        "<b>Good</b> morning 😀 &amp; <i>welcome</i>",
        parse_mode="HTML",
        reply_markup=keys("1", "2"),
    )

    assert sent.text == "Good morning 😀 & welcome"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [
        ("bold", 0, 4),
        ("italic", 18, 7),  # the face counts as two, being two UTF-16 units
    ]
    assert sent.from_user.is_bot
    assert chat.timeline(ALICE)[-1].keyboard[0][1]["callback_data"] == "2"


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<p>text</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("é <br> x", 'Unsupported start tag "br" at byte offset 3'),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("3 < 4", "Unsupported start tag"),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ('<a href="http://x.org>x</a>', "Unclosed start tag"),
    ],
)
async def test_broken_html_is_refused_with_the_place(bot: Any, html: str, complaint: str) -> None:
    with pytest.raises(BadRequest, match="parse entities") as refusal:
        await bot.send_message(ALICE, html, parse_mode="HTML")

    assert complaint.lower() in str(refusal.value).lower()


async def test_only_html_is_offered_as_parse_mode(bot: Any) -> None:
    with pytest.raises(BadRequest, match=r"(?i)unsupported parse_mode"):
        await bot.send_message(ALICE, "*x*", parse_mode="MarkdownV2")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "message text is empty"),
        ("  \n ", "text must be non-empty"),
        ("<b></b>", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_a_text_has_1_to_4096_characters(bot: Any, text: str, complaint: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.send_message(ALICE, text, parse_mode="HTML")


async def test_length_is_counted_after_parsing(bot: Any) -> None:
    sent = await bot.send_message(ALICE, "<b>" + "&lt;" * 4096 + "</b>", parse_mode="HTML")

    assert sent.text == "<" * 4096


async def test_a_caption_has_at_most_1024_characters(bot: Any, draw: Draw) -> None:
    with pytest.raises(BadRequest, match=r"(?i)message caption is too long"):
        await bot.send_photo(ALICE, draw(), caption="x" * 1025)

    assert (await bot.send_photo(ALICE, draw(), caption="x" * 1024)).caption == "x" * 1024


async def test_an_unknown_chat_is_not_found(bot: Any) -> None:
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(STRANGER, "hello")


async def test_a_bot_cannot_write_first(bot: Any, chat: OfflineChat) -> None:
    with pytest.raises(Forbidden, match=r"(?i)bot can't initiate conversation with a user"):
        await bot.send_message(BRUNO, "hello")

    chat.say(BRUNO, "/start")
    assert (await bot.send_message(BRUNO, "hello")).chat.id == BRUNO


async def test_a_blocked_bot_is_refused_until_it_is_let_in_again(
    bot: Any, chat: OfflineChat
) -> None:
    sent = await bot.send_message(ALICE, "hello")
    chat.block(ALICE)

    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.send_message(ALICE, "are you there?")
    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.edit_message_text("changed", ALICE, sent.message_id)

    chat.unblock(ALICE)
    assert await bot.send_message(ALICE, "welcome back")


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
        ({"url": "http://localhost:8080/x"}, "Wrong HTTP URL"),
        ({"url": "ftp://example.org"}, "Unsupported URL protocol"),
        ({}, "Text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_a_button_needs_a_valid_action(
    bot: Any, button: dict[str, str], complaint: str
) -> None:
    markup = {"inline_keyboard": [[{"text": "x", **button}]]}

    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.send_message(ALICE, "x", reply_markup=markup)


async def test_button_data_of_64_bytes_and_a_proper_link_are_taken(bot: Any) -> None:
    row = [{"text": "a", "callback_data": "é" * 32}, {"text": "b", "url": "https://example.org"}]

    sent = await bot.send_message(ALICE, "x", reply_markup={"inline_keyboard": [row, []]})

    assert len(sent.reply_markup.inline_keyboard) == 1


async def test_more_than_100_buttons_are_refused(bot: Any) -> None:
    rows = [[{"text": str(n), "callback_data": str(n)} for n in range(8)] for _ in range(13)]

    with pytest.raises(BadRequest, match=r"(?i)reply markup is too long"):
        await bot.send_message(ALICE, "x", reply_markup={"inline_keyboard": rows})


async def test_an_edit_changes_the_message_in_place(bot: Any, chat: OfflineChat) -> None:
    sent = await bot.send_message(ALICE, "one", reply_markup=keys("a"))

    edited = await bot.edit_message_text("two", ALICE, sent.message_id, reply_markup=keys("b"))

    assert edited.text == "two"
    assert edited.edit_date is not None
    assert [m.body.text for m in chat.timeline(ALICE)] == ["/start", "two"]


async def test_an_unchanged_edit_is_refused(bot: Any) -> None:
    sent = await bot.send_message(ALICE, "<b>one</b>", parse_mode="HTML", reply_markup=keys("a"))

    with pytest.raises(BadRequest, match=r"(?i)message is not modified: specified new message"):
        await bot.edit_message_text(
            " <strong>one</strong>\n",
            ALICE,
            sent.message_id,
            parse_mode="HTML",
            reply_markup=keys("a"),
        )
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_reply_markup(ALICE, sent.message_id, reply_markup=keys("a"))


async def test_an_edit_without_keyboard_takes_the_keyboard_away(
    bot: Any, chat: OfflineChat
) -> None:
    sent = await bot.send_message(ALICE, "one", reply_markup=keys("a"))

    await bot.edit_message_text("one", ALICE, sent.message_id)

    assert chat.timeline(ALICE)[-1].keyboard == []


async def test_only_an_existing_message_of_the_bot_can_be_edited(
    bot: Any, chat: OfflineChat
) -> None:
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", ALICE, 12345)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", ALICE, chat.timeline(ALICE)[0].message_id)


async def test_text_and_caption_are_not_confused(bot: Any, draw: Draw) -> None:
    words = await bot.send_message(ALICE, "words")
    photo = await bot.send_photo(ALICE, draw(), caption="caption")

    with pytest.raises(BadRequest, match=r"(?i)there is no caption in the message to edit"):
        await bot.edit_message_caption(ALICE, words.message_id, caption="x")
    with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
        await bot.edit_message_text("x", ALICE, photo.message_id)
    assert (await bot.edit_message_caption(ALICE, photo.message_id, caption="x")).caption == "x"


async def test_a_message_is_deleted_once_and_within_48_hours(
    bot: Any, chat: OfflineChat, clock: Any
) -> None:
    first = await bot.send_message(ALICE, "one")
    second = await bot.send_message(ALICE, "two")

    assert await bot.delete_message(ALICE, first.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(ALICE, first.message_id)
    clock.advance(hours=49)
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted"):
        await bot.delete_message(ALICE, second.message_id)


async def test_a_reply_needs_the_message_it_answers(bot: Any, chat: OfflineChat) -> None:
    asked = chat.timeline(ALICE)[0].message_id

    sent = await bot.send_message(ALICE, "x", reply_parameters={"message_id": asked})

    assert sent.reply_to_message.message_id == asked
    with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
        await bot.send_message(ALICE, "x", reply_parameters={"message_id": 4711})


async def test_an_uploaded_photo_can_be_sent_again_by_its_id(bot: Any, draw: Draw) -> None:
    first = await bot.send_photo(ALICE, draw(640, 400))
    second = await bot.send_photo(ALICE, first.photo[-1].file_id)

    assert (first.photo[-1].width, first.photo[-1].height) == (640, 400)
    assert second.photo[-1].file_unique_id == first.photo[-1].file_unique_id
    assert first.photo[0].width == 90


async def test_a_photo_is_replaced_in_place(bot: Any, draw: Draw, chat: OfflineChat) -> None:
    sent = await bot.send_photo(ALICE, draw(shade=1), caption="old")

    changed = await bot.edit_message_media(
        InputMediaPhoto(draw(shade=250), caption="<b>new</b>", parse_mode="HTML"),
        ALICE,
        sent.message_id,
    )

    assert changed.caption == "new"
    assert changed.photo[-1].file_unique_id != sent.photo[-1].file_unique_id
    assert len(chat.timeline(ALICE)) == 2
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_media(
            InputMediaPhoto(changed.photo[-1].file_id, caption="<b>new</b>", parse_mode="HTML"),
            ALICE,
            sent.message_id,
        )


@pytest.mark.parametrize(
    ("photo", "complaint"),
    [
        (b"no picture at all", "IMAGE_PROCESS_FAILED"),
        ("unknown-id", "wrong file identifier/HTTP URL specified"),
    ],
)
async def test_what_is_no_photo_is_refused(bot: Any, photo: bytes | str, complaint: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.send_photo(ALICE, photo)


async def test_a_photo_of_impossible_shape_is_refused(bot: Any, draw: Draw) -> None:
    with pytest.raises(BadRequest, match=r"(?i)PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(ALICE, draw(width=210, height=10))


async def test_a_photo_of_more_than_10_megabytes_is_refused(bot: Any, draw: Draw) -> None:
    with pytest.raises(BadRequest, match=r"(?i)is too big for a photo"):
        await bot.send_photo(ALICE, draw() + bytes(10 * 1024 * 1024))


async def test_a_document_is_downloaded_as_it_was_sent(bot: Any) -> None:
    sent = await bot.send_document(ALICE, b"a;b\n1;2\n", filename="table.csv", caption="table")

    file = await bot.get_file(sent.document.file_id)

    assert sent.document.file_name == "table.csv"
    assert bytes(await file.download_as_bytearray()) == b"a;b\n1;2\n"


async def test_an_unknown_file_is_refused(bot: Any) -> None:
    with pytest.raises(BadRequest, match=r"(?i)invalid file_id"):
        await bot.get_file("nothing")


async def test_a_document_is_no_photo(bot: Any) -> None:
    sent = await bot.send_document(ALICE, b"text", filename="a.txt")

    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Photo"):
        await bot.send_photo(ALICE, sent.document.file_id)
