"""Take the pictures of README and docs again: the demo, played by taps in a real browser.

    .venv/bin/python docs/pictures/make.py [NAME ...]

Wants what the tests want (``./run.sh test`` installs it): Playwright and Debian's Chromium. Writes
NAME.png beside this file; without a name, every picture.
"""

import argparse
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
CUSTOMER, STAFF, MANAGER = "#person-9001", "#person-9002", "#person-9003"
DESK, PHONE = (1440, 860), (390, 940)
LEVELS = "6357465"
PATIENCE_MS = 90_000
MOST_BYTES = 250_000
PLAIN = "body { background: #e8eeef !important }"  # the page's gradient makes a PNG twice as big
_ADDRESS = re.compile(r"http://\S+")
_CARD = ".message.has-keyboard"


class Demo:
    """A running demo in one language, and the browser that plays it."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Play the demo at this address."""
        self._browser = browser
        self._address = address

    def desk(self) -> Page:
        """Open the page where three people stand side by side."""
        return self._page(DESK, sharpness=1.0)

    def phone(self, person: str) -> Page:
        """Open the page on a phone's width, at one person's chat."""
        page = self._page(PHONE, sharpness=1.5)
        page.locator(f".tab[aria-controls={person[1:]}]").click()
        return page

    def _page(self, size: tuple[int, int], *, sharpness: float) -> Page:
        page = self._browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=sharpness,
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page.set_default_timeout(PATIENCE_MS)
        page.goto(self._address)
        page.wait_for_selector("body[data-ready=true]")
        page.add_style_tag(content=PLAIN)
        page.wait_for_selector(f"{MANAGER} a.command[data-say='/gaps']", state="attached")
        page.wait_for_selector("#notice", state="hidden")
        page.wait_for_function("[...document.images].every((one) => one.complete)")
        return page


@contextmanager
def demo(browser: Browser, language: str) -> Iterator[Demo]:
    """Start the demo in a language, and end it afterwards."""
    words = [sys.executable, "-m", "bot", "demo", "--lang", language]
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        line = running.stdout.readline() if running.stdout else ""
        found = _ADDRESS.search(line)
        if found is None:
            raise SystemExit("the demo did not start; ./run.sh demo tells why")
        yield Demo(browser, found.group())
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def answer(page: Page, person: str, *, taps: int) -> None:
    """Answer so many questions of a person's card."""
    for level in LEVELS[:taps]:
        press(page.locator(f"{person} {_CARD}").last, level)


def press(message: Locator, key: str) -> None:
    """Press the first key of a message with these words, and wait until it has changed."""
    place = f"#{message.evaluate('(one) => one.closest(`.phone`).id')}"
    place += f" [data-id='{message.get_attribute('data-id')}']"
    before = message.inner_text()
    message.locator(".key").filter(has_text=key).first.click()
    message.page.wait_for_function(
        "([place, before]) => document.querySelector(place)?.innerText !== before",
        arg=[place, before],
    )


def show(message: Locator) -> None:
    """Scroll a chat so that a message begins at its top."""
    message.evaluate(
        "(one) => { const chat = one.closest('.chat');"
        " chat.scrollTop += one.getBoundingClientRect().top"
        " - chat.getBoundingClientRect().top - 12; }"
    )


def picture(page: Page) -> Locator:
    """Return the newest digest's picture in the manager's chat."""
    return page.locator(f"{MANAGER} .message.has-photo").last


def digest(page: Page) -> Locator:
    """Return the newest digest's text with its buttons."""
    found = page.locator(f"{MANAGER} {_CARD}", has=page.locator("a.command[data-say='/gaps']"))
    return page.locator(f"{MANAGER} [data-id='{found.last.get_attribute('data-id')}']")


def say(page: Page, person: str, text: str) -> Locator:
    """Let a person write, and return the bot's answer."""
    many = page.locator(f"{person} .message").count()
    page.locator(f"{person} .entry").fill(text)
    page.locator(f"{person} .send").click()
    answer = page.locator(f"{person} .message").nth(many + 1)
    answer.wait_for()
    return answer


def let_a_week_pass(page: Page) -> None:
    """Press the button of the simulated week and wait until the week has passed."""
    page.locator("#week").click()
    page.wait_for_selector("#notice.done", timeout=2 * PATIENCE_MS)
    page.wait_for_function("[...document.images].every((one) => one.complete)")


def take_english(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Three people side by side, the card, and a manager who takes a fix and waits a week."""
    with demo(browser, "en") as english:
        desk = english.desk()
        answer(desk, CUSTOMER, taps=2)
        answer(desk, STAFF, taps=3)
        desk.locator("#product").click()  # so that no key looks chosen under the pointer
        show(picture(desk))
        yield "three-people", desk.screenshot()
        desk.close()

        phone = english.phone(CUSTOMER)
        yield "card", phone.locator(CUSTOMER).screenshot()
        phone.close()

        yield from take_story(english)

        phone = english.phone(MANAGER)
        digest(phone).evaluate("(one) => one.scrollIntoView({ block: 'end' })")
        yield "fixes", phone.locator(MANAGER).screenshot()
        press(digest(phone), "Take it")
        let_a_week_pass(phone)
        show(picture(phone))
        yield "digest", phone.locator(MANAGER).screenshot()
        yield "chain", chart(phone)
        text = digest(phone)
        press(text, "The five gaps")
        show(text)
        yield "gaps", phone.locator(MANAGER).screenshot()


def take_story(english: Demo) -> Iterator[tuple[str, bytes]]:
    """What was done: staff's report with its thread, a fix that helped, what stands of it."""
    phone = english.phone(STAFF)
    receipt = phone.locator(f"{STAFF} {_CARD}").filter(has_text="Keep this message")
    press(receipt, "News?")
    show(phone.locator(f"{STAFF} {_CARD}").first)
    phone.wait_for_selector(f"{STAFF} .toast.shown", state="hidden")
    yield "thread", phone.locator(STAFF).screenshot()
    phone.close()

    phone = english.phone(MANAGER)
    verdict = phone.locator(f"{MANAGER} .has-photo").filter(has_text="It helped").first
    show(verdict)
    yield "effect", phone.locator(MANAGER).screenshot()
    actions = say(phone, MANAGER, "/actions")
    number = re.search(r"(\d)\. \W*Mend the words", actions.inner_text())
    press(actions, number[1] if number else "1")
    show(actions)
    yield "cycle", phone.locator(MANAGER).screenshot()
    phone.close()


def take_chinese(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """The digest in Simplified Chinese."""
    yield "chinese", first_digest(browser, "zh-Hans")


def take_arabic(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """The digest in Arabic, from right to left."""
    yield "arabic", first_digest(browser, "ar")


def first_digest(browser: Browser, language: str) -> bytes:
    """Return the digest with which a demo begins."""
    with demo(browser, language) as started:
        phone = started.phone(MANAGER)
        show(picture(phone))
        return phone.locator(MANAGER).screenshot()


def chart(page: Page) -> bytes:
    """Return the newest digest's picture as the bot sent it."""
    address = picture(page).locator("img").evaluate("(one) => one.src")
    return page.request.get(address).body()


TAKERS = {
    take_english: {
        "three-people",
        "card",
        "thread",
        "effect",
        "cycle",
        "digest",
        "chain",
        "fixes",
        "gaps",
    },
    take_chinese: {"chinese"},
    take_arabic: {"arabic"},
}


def main() -> int:
    """Take the pictures that were named, or all; 1 when one is too big for a README."""
    parser = argparse.ArgumentParser(description="Take the pictures of README and docs again.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as chain; without, all")
    wanted = set(parser.parse_args().names) or set().union(*TAKERS.values())
    too_big = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for take, names in TAKERS.items():
            for name, png in take(browser) if names & wanted else ():
                if name in wanted:
                    (HERE / f"{name}.png").write_bytes(png)
                    sys.stdout.write(f"{name}.png: {len(png) // 1000} kB\n")
                    too_big |= len(png) > MOST_BYTES
        browser.close()
    return int(too_big)


if __name__ == "__main__":
    sys.exit(main())
