"""The page in a real browser, with a tiny bot that echoes what people say and press."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    async_playwright,
    expect,
)
from telegram import Bot, BotCommand, Update
from telegram.request import HTTPXRequest

from bot.demo.chat import OfflineChat
from bot.demo.model import Persona
from bot.demo.server import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser, and so one loop, for all

TOKEN = "4242:offline-chat-for-tests"
ALICE, BRUNO, CHEN = 1001, 1002, 1003
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
WATCH = """
window.failures = [];
addEventListener("error", (event) => failures.push(event.message));
addEventListener("unhandledrejection", (event) => failures.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => failures.push(event.violatedDirective));
"""
DESK, PHONE = {"width": 1440, "height": 860}, {"width": 390, "height": 780}


def card(text: str) -> dict[str, Any]:
    digits = [{"text": str(n), "callback_data": str(n)} for n in range(1, 8)]
    rest = [{"text": word, "callback_data": word} for word in ("alert", "wait")]
    return {"text": text, "reply_markup": {"inline_keyboard": [digits, rest]}}


@dataclass
class EchoBot:
    """Answers over HTTP, as a real bot would; ``go`` lets a press on "wait" end."""

    bot: Bot
    picture: bytes
    go: asyncio.Event

    async def run(self) -> None:
        offset = 0
        while True:
            for update in await self.bot.get_updates(offset=offset, timeout=20, read_timeout=25):
                offset = update.update_id + 1
                await self.answer(update)

    async def answer(self, update: Update) -> None:
        query, message = update.callback_query, update.message
        if query is not None and query.data is not None:
            if query.data == "wait":
                await self.go.wait()
            await query.answer(f"You chose {query.data}.", show_alert=query.data == "alert")
            if query.data.isdigit():
                await query.edit_message_text(**card(f"Chosen: {query.data}"))
        elif message is not None and message.text == "photo":
            await message.reply_photo(self.picture, caption="<b>A chart</b>", parse_mode="HTML")
        elif message is not None and message.text == "poster":
            await message.reply_document(self.picture, filename="poster.png")
        elif message is not None and message.text == "link":
            await message.reply_text(f"https://t.me/{self.bot.username}?start=abc-1")
        elif message is not None and message.text == "type":
            await message.chat.send_action("typing")
        elif message is not None:
            await message.reply_text(**card(f"You said: {message.text}"))


@pytest_asyncio.fixture(loop_scope="module")
async def week() -> asyncio.Event:
    """Set it to let the week end."""
    return asyncio.Event()


@pytest_asyncio.fixture(loop_scope="module")
async def url(
    chat: OfflineChat, week: asyncio.Event, draw: Callable[..., bytes]
) -> AsyncIterator[str]:
    """The address of a page whose bot is at work."""

    async def pass_week() -> str:
        server.announce("Tuesday: 12 answers")
        await week.wait()
        return "A week has passed: 64 answers."

    server = ChatServer(chat, on_week=pass_week, zone="Europe/Madrid")
    address = await server.start()
    bot = Bot(
        TOKEN,
        base_url=f"{address}/bot",
        request=HTTPXRequest(),
        get_updates_request=HTTPXRequest(),
    )
    async with bot:
        await bot.set_my_commands([BotCommand("digest", "This week's digest")])
        work = asyncio.create_task(EchoBot(bot, draw(640, 360), week).run())
        yield address
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing: install the Debian package 'chromium'.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser) -> AsyncIterator[Open]:
    """Open pages, on a desk's width by default; any error in their scripts fails the test."""
    contexts: list[BrowserContext] = []

    async def open_page(address: str, size: Any = DESK, **options: Any) -> Page:
        context = await browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.set_default_timeout(5000)
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(address)
        await expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        failures = await context.pages[0].evaluate("window.failures")
        await context.close()
        assert failures == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(opened: Open, url: str) -> Page:
    """The page in English."""
    return await opened(url)


async def say(page: Page, user_id: int, text: str) -> None:
    await page.fill(f"#person-{user_id} .entry", text)
    await page.press(f"#person-{user_id} .entry", "Enter")


async def test_three_people_stand_side_by_side(page: Page) -> None:
    boxes = [
        await page.locator(f"#person-{person}").bounding_box() for person in (ALICE, BRUNO, CHEN)
    ]

    assert [box["x"] for box in boxes if box] == sorted(box["x"] for box in boxes if box)
    assert all(box and box["width"] >= 300 and box["y"] < 200 for box in boxes)
    await expect(page.locator(f"#person-{CHEN} h2")).to_have_text("陈晨")
    await expect(page.locator("#clock")).to_contain_text("Nov 2, 2026")
    await expect(page.locator("#clock")).to_contain_text("10:00")  # nine in UTC


async def test_a_person_begins_with_one_tap_and_writes(page: Page, chat: OfflineChat) -> None:
    await page.click(f"#person-{BRUNO} .start")
    await expect(page.locator(f"#person-{BRUNO} .message:not(.mine)")).to_contain_text(
        "You said: /start"
    )

    await say(page, BRUNO, "¿<b>Qué</b> tal?")

    await expect(page.locator(f"#person-{BRUNO} .mine").last).to_contain_text("¿<b>Qué</b> tal?")
    assert chat.timeline(BRUNO)[2].body.text == "¿<b>Qué</b> tal?"


async def test_a_person_sends_a_picture_with_words_and_a_voice(
    page: Page, chat: OfflineChat, draw: Callable[..., bytes]
) -> None:
    picture = FilePayload(name="table.png", mimeType="image/png", buffer=draw(300, 200))
    await page.fill(f"#person-{ALICE} .entry", "A dirty table")

    await page.set_input_files(f"#person-{ALICE} .chooser", files=[picture])
    await expect(page.locator(f"#person-{ALICE} .mine .photo img")).to_be_visible()
    await page.click(f"#person-{ALICE} .speak")
    await expect(page.locator(f"#person-{ALICE} .speak")).to_have_attribute("aria-pressed", "true")
    await page.click(f"#person-{ALICE} .speak")

    await expect(page.locator(f"#person-{ALICE} .mine audio")).to_be_visible()
    sent = [one for one in chat.timeline(ALICE) if not one.from_bot]
    assert [one.file.kind for one in sent if one.file] == ["photo", "voice"]
    assert sent[-2].body.text == "A dirty table"


async def test_a_pressed_button_edits_the_card_in_place(page: Page) -> None:
    await say(page, ALICE, "hello")
    keys = page.locator(f"#person-{ALICE} .key")
    await expect(keys).to_have_count(9)

    await keys.nth(4).click()

    place = page.locator(f"#person-{ALICE} .message:not(.mine)")
    await expect(place).to_have_count(1)
    await expect(place).to_contain_text("Chosen: 5")
    await expect(place.locator(".edited")).to_have_text("edited")
    await expect(page.locator(f"#person-{ALICE} .toast.shown")).to_have_text("You chose 5.")


async def test_seven_digits_stand_in_one_row_as_real_buttons(page: Page) -> None:
    await say(page, ALICE, "hello")
    digits = page.locator(f"#person-{ALICE} .keys").first.get_by_role("button")
    await expect(digits).to_have_count(7)

    boxes = [box for key in await digits.all() if (box := await key.bounding_box())]

    assert len({box["y"] for box in boxes}) == 1
    assert all(box["width"] >= 30 for box in boxes)


async def test_a_waiting_button_shows_that_it_waits(page: Page, week: asyncio.Event) -> None:
    await say(page, ALICE, "hello")
    key = page.locator(f"#person-{ALICE} .key", has_text="wait")

    await key.click()
    await expect(key).to_have_attribute("aria-busy", "true")

    week.set()
    await expect(key).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_is_a_dialog(page: Page) -> None:
    await say(page, ALICE, "hello")

    await page.locator(f"#person-{ALICE} .key", has_text="alert").click()

    await expect(page.get_by_role("dialog")).to_contain_text("You chose alert.")
    await page.keyboard.press("Escape")
    await expect(page.locator("#alert")).to_be_hidden()


async def test_the_keyboard_alone_is_enough(page: Page) -> None:
    await say(page, ALICE, "hello")
    key = page.locator(f"#person-{ALICE} .key").nth(2)
    await key.focus()

    await page.keyboard.press("Enter")

    await expect(page.locator(f"#person-{ALICE} .message:not(.mine)")).to_contain_text("Chosen: 3")
    await expect(page.locator(f"#person-{ALICE} .key").nth(2)).to_be_focused()


async def test_a_photo_is_shown_and_enlarged(page: Page) -> None:
    await say(page, ALICE, "photo")
    image = page.locator(f"#person-{ALICE} .photo img")
    await expect(image).to_have_attribute("alt", "A chart")
    await expect(image).to_have_js_property("naturalWidth", 640)

    await image.click()

    await expect(page.locator("#viewer img")).to_be_visible()
    await page.click("#viewer img")
    await expect(page.locator("#viewer")).to_be_hidden()


async def test_a_picture_that_comes_as_a_file_is_shown_above_it(page: Page) -> None:
    await say(page, ALICE, "poster")

    image = page.locator(f"#person-{ALICE} .photo img")
    await expect(image).to_have_js_property("naturalWidth", 640)
    await expect(page.locator(f"#person-{ALICE} a.file")).to_contain_text("poster.png")


async def test_a_tap_on_a_link_of_the_bot_opens_it_in_this_chat(
    page: Page, chat: OfflineChat
) -> None:
    await say(page, ALICE, "link")

    await page.locator(f"#person-{ALICE} a[href*='t.me']").click()

    await expect(page.locator(f"#person-{ALICE} .mine").last).to_contain_text("/start abc-1")
    assert chat.timeline(ALICE)[-1].body.text


async def test_typing_is_shown(page: Page) -> None:
    await say(page, ALICE, "type")

    await expect(page.locator(f"#person-{ALICE} .typing")).to_contain_text("Gapbot is typing")


async def test_the_switch_blocks_the_bot_and_lets_it_in_again(
    page: Page, chat: OfflineChat
) -> None:
    switch = page.get_by_role("switch", name="Blocked the bot: Alice")
    await switch.focus()

    await page.keyboard.press("Space")
    await expect(page.locator(f"#person-{ALICE} .blocked-note")).to_contain_text("Alice blocked")
    await expect(page.locator(f"#person-{ALICE} .compose")).to_be_hidden()
    assert chat.people[ALICE].blocked

    await page.locator(f"#person-{ALICE} .switch").click()
    await expect(page.locator(f"#person-{ALICE} .compose")).to_be_visible()
    assert not chat.people[ALICE].blocked


async def test_commands_come_from_the_bots_menu(page: Page) -> None:
    await page.get_by_role("button", name="Commands").first.click()
    await page.get_by_role("button", name="/digest This week's digest").first.click()

    place = page.locator(f"#person-{ALICE} .message:not(.mine)")
    await expect(place).to_contain_text("You said: /digest")
    await place.locator("a.command").click()
    await expect(page.locator(f"#person-{ALICE} .mine")).to_have_count(3)


async def test_the_drawer_logs_calls_as_they_happen(page: Page, chat: OfflineChat) -> None:
    await page.get_by_role("button", name="Bot API calls").click()
    chat.block(CHEN)

    await say(page, ALICE, "hello")
    first = page.locator("#log-lines tr").first
    await expect(first).to_contain_text("sendMessage")
    await expect(first).to_contain_text("Alice")
    await expect(first).to_contain_text("ok")

    await page.get_by_role("button", name="Close").click()
    await expect(page.locator("#log")).to_be_hidden()


async def test_a_refused_call_is_shown_with_its_reason(page: Page, url: str) -> None:
    await page.get_by_role("button", name="Bot API calls").click()

    await page.request.get(f"{url}/bot{TOKEN}/sendMessage?chat_id=999&text=x")

    await expect(page.locator("#log-lines tr.error").first).to_contain_text(
        "Bad Request: chat not found"
    )


async def test_a_week_passes_with_a_line_of_progress(page: Page, week: asyncio.Event) -> None:
    button = page.get_by_role("button", name="Let a week pass")
    await button.click()
    await expect(page.locator("#notice")).to_have_text("Tuesday: 12 answers")
    await expect(button).to_be_disabled()

    week.set()

    await expect(page.locator("#notice")).to_have_text("A week has passed: 64 answers.")
    await expect(button).to_be_enabled()


async def test_a_person_can_be_added(page: Page, chat: OfflineChat) -> None:
    await page.get_by_role("button", name="Add a person").click()
    await page.get_by_label("Name").fill("Dana")
    await page.get_by_label("Invitation code").fill("abc123")
    await page.get_by_role("dialog").get_by_role("button", name="Start").click()

    await expect(page.locator("#person-1004 .message:not(.mine)")).to_contain_text(
        "You said: /start abc123"
    )
    assert chat.people[1004].persona.first_name == "Dana"


async def test_of_more_people_three_are_seen_and_others_come_by_a_tap(
    opened: Open, url: str, chat: OfflineChat
) -> None:
    chat.add([Persona(1004, "Dana", "en", "Owner"), Persona(1005, "Emil", "en", "Staff")])
    page = await opened(url)
    await expect(page.locator(".phone:visible h2")).to_have_text(["Alice", "Bruno", "陈晨"])

    await page.click(".tab[aria-controls=person-1005]")
    await expect(page.locator(".phone:visible h2")).to_have_text(["Bruno", "陈晨", "Emil"])

    chat.say(ALICE, "Hello")
    await expect(page.locator(f".tab.unread[aria-controls=person-{ALICE}]")).to_be_visible()
    await page.click(f".tab[aria-controls=person-{ALICE}]")
    await expect(page.locator(".phone:visible h2")).to_have_text(["Alice", "陈晨", "Emil"])
    await expect(page.locator(".tab.unread")).to_have_count(0)


async def test_on_a_phones_width_one_person_is_shown_at_a_time(opened: Open, url: str) -> None:
    page = await opened(url, PHONE)
    await say(page, ALICE, "hello")
    await expect(page.locator(f"#person-{ALICE} .key").nth(6)).to_be_in_viewport()
    await expect(page.locator(f"#person-{CHEN}")).to_be_hidden()

    await page.get_by_role("tab", name="陈晨").click()

    await expect(page.locator(f"#person-{CHEN}")).to_be_visible()
    await expect(page.locator(f"#person-{ALICE}")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_the_arabic_page_reads_from_right_to_left(
    opened: Open, url: str, chat: OfflineChat
) -> None:
    page = await opened(f"{url}/?lang=ar")
    await say(page, ALICE, "مرحبا")

    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.get_by_role("button", name="دع أسبوعًا يمرّ")).to_be_visible()
    alice = await page.locator(f"#person-{ALICE}").bounding_box()
    chen = await page.locator(f"#person-{CHEN}").bounding_box()
    assert alice is not None
    assert chen is not None
    assert alice["x"] > chen["x"]
    words = page.locator(f"#person-{ALICE} .mine .words").last
    assert await words.evaluate("(node) => getComputedStyle(node).direction") == "rtl"
    digits = page.locator(f"#person-{ALICE} .key")
    first, last = await digits.nth(0).bounding_box(), await digits.nth(6).bounding_box()
    assert first is not None
    assert last is not None
    assert first["x"] < last["x"]  # an app does not mirror a keyboard


@pytest.mark.parametrize(
    ("language", "week"),
    [
        ("zh-Hans", "让一周过去"),
        ("zh-Hant", "讓一週過去"),
        ("es", "Pasar una semana"),
        ("xx", "Let a week pass"),
    ],
)
async def test_the_page_speaks_the_language_of_its_address(
    opened: Open, url: str, language: str, week: str
) -> None:
    page = await opened(f"{url}/?lang={language}")

    await expect(page.get_by_role("button", name=week)).to_be_visible()


@pytest.mark.parametrize(
    ("language", "face"),
    [("zh-Hant", "Own Han TC"), ("ja", "Own Han JP"), ("hi", "Own Devanagari")],
)
async def test_letters_this_computer_lacks_come_with_the_page(
    opened: Open, url: str, language: str, face: str
) -> None:
    page = await opened(f"{url}/?lang={language}")

    await page.wait_for_function(
        "face => [...document.fonts].some(f => f.family.includes(face) && f.status === 'loaded')",
        arg=face,
    )


async def test_a_page_that_lost_its_server_comes_back_by_itself(
    opened: Open, chat: OfflineChat
) -> None:
    first = ChatServer(chat, personas=[Persona(7, "Eve")])
    page = await opened(await first.start())
    port = int(first.url.rpartition(":")[2])
    await first.stop()
    await expect(page.locator("#notice")).to_contain_text("The connection is lost")

    chat.say(ALICE, "said meanwhile")
    second = ChatServer(chat, port=port)
    await second.start()

    await expect(page.locator(f"#person-{ALICE} .mine").last).to_contain_text("said meanwhile")
    await expect(page.locator("#notice")).to_be_hidden()
    await second.stop()


async def test_dark_rooms_get_a_dark_page(opened: Open, url: str) -> None:
    page = await opened(url, color_scheme="dark")

    shade = await page.evaluate(
        "getComputedStyle(document.querySelector('.phone')).backgroundColor"
    )

    assert all(int(part) < 80 for part in shade.removeprefix("rgb(").removesuffix(")").split(","))
