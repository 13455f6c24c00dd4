"""Pictures and documents: how they are measured, stored and found again."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from telegram import InputMediaDocument
from telegram.error import BadRequest

from bot.demo.chat import OfflineChat
from bot.demo.errors import ApiError
from bot.demo.files import FileStore, Upload, picture_size

ALICE, CHEN = 1001, 1003


def jpeg(width: int, height: int) -> bytes:
    """Return the beginning of a JPEG: an application segment, then the frame's header."""
    application = b"\xff\xe0" + struct.pack(">H", 16) + bytes(14)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + application + frame + b"\xff\xd9"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (jpeg(640, 480), (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 32, 16), (32, 16)),
        (b"\xff\xd8\xff", (0, 0)),
        (b"%PDF-1.7", (0, 0)),
        (b"", (0, 0)),
    ],
)
def test_a_picture_is_measured_by_its_header(content: bytes, size: tuple[int, int]) -> None:
    assert picture_size(content) == size


def test_the_same_content_is_one_file(draw: Callable[..., bytes]) -> None:
    files = FileStore()

    first = files.add_photo(Upload("a.png", draw()))
    second = files.add_photo(Upload("b.png", draw()))
    other = files.add_photo(Upload("a.png", draw(shade=7)))

    assert first is second
    assert other.file_id != first.file_id
    assert files.by_path(first.path) is first
    assert first.mime == "image/png"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ApiError, match="file must be non-empty"):
        FileStore().add_document(Upload("a.txt", b""))


async def test_a_persons_photo_reaches_the_bot(
    bot: Any, chat: OfflineChat, draw: Callable[..., bytes]
) -> None:
    chat.send_photo(ALICE, Upload("table.png", draw(300, 200)), "A dirty table")

    (update,) = await bot.get_updates()
    file = await bot.get_file(update.message.photo[-1].file_id)

    assert update.message.caption == "A dirty table"
    assert bytes(await file.download_as_bytearray()) == draw(300, 200)


async def test_a_text_may_become_a_document(bot: Any, chat: OfflineChat) -> None:
    sent = await bot.send_message(ALICE, "in a moment")

    await bot.edit_message_media(
        InputMediaDocument(b"1;2", filename="table.csv", caption="ready"), ALICE, sent.message_id
    )

    changed = chat.timeline(ALICE)[-1]
    assert changed.document is not None
    assert (changed.document.name, changed.body.text) == ("table.csv", "ready")


async def test_media_of_another_kind_is_refused(bot: Any) -> None:
    sent = await bot.send_message(ALICE, "text")

    with pytest.raises(BadRequest, match=r"(?i)media is empty"):
        await bot.edit_message_media(None, ALICE, sent.message_id)


async def test_a_voice_reaches_the_bot_and_goes_on_by_its_id(bot: Any, chat: OfflineChat) -> None:
    spoken = b"OggS" + bytes(60)
    chat.send_voice(ALICE, Upload("voice.ogg", spoken, "audio/ogg"), seconds=3)
    (update,) = await bot.get_updates()
    voice = update.message.voice

    await bot.send_voice(CHEN, voice.file_id, caption="Listen")

    file = await bot.get_file(voice.file_id)
    passed_on = chat.timeline(CHEN)[-1]
    assert (voice.mime_type, passed_on.body.text) == ("audio/ogg", "Listen")
    assert passed_on.voice is not None
    assert bytes(await file.download_as_bytearray()) == passed_on.voice.content == spoken


async def test_a_file_is_sent_only_as_what_it_is(
    bot: Any, chat: OfflineChat, draw: Callable[..., bytes]
) -> None:
    photo = chat.send_photo(ALICE, Upload("a.png", draw())).photo
    voice = chat.send_voice(ALICE, Upload("voice.ogg", b"OggS1", "audio/ogg")).voice
    assert photo
    assert voice

    with pytest.raises(BadRequest, match=r"(?i)file of type photo as voicenote"):
        await bot.send_voice(ALICE, photo.file_id)
    with pytest.raises(BadRequest, match=r"(?i)file of type voicenote as document"):
        await bot.send_document(ALICE, voice.file_id)
    with pytest.raises(BadRequest, match=r"(?i)voice_file_invalid"):
        await bot.send_voice(ALICE, b"not a sound")
