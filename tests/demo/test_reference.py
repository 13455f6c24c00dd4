"""The reference page says what is there."""

import re
from pathlib import Path

from bot.demo.api import METHODS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "offline-chat.md"


def test_the_reference_lists_each_method_and_no_other() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    section = text.partition("## Methods")[2].partition("## What is refused")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]

    listed = {name.lower() for line in table for name in re.findall(r"`(\w+)`", line)}

    assert listed == set(METHODS)
