"""Drawn pictures come from a script beside them, and every one is shown with words for it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
SHOWN = {
    (page.parent / link).resolve(): words
    for page in (ROOT / "docs").rglob("*.md")
    for words, link in re.findall(r"!\[([^\]]*)\]\(([^)]+\.svg)\)", page.read_text("utf-8"))
}


def test_every_drawn_picture_is_shown_and_described() -> None:
    drawn = set(PICTURES.glob("*.svg"))

    assert set(SHOWN) == drawn
    assert all(len(words) >= 40 for words in SHOWN.values())
    assert all("<title>" in path.read_text("utf-8") for path in drawn)


def test_every_drawn_picture_has_its_script_and_is_small() -> None:
    for picture in PICTURES.glob("*.svg"):
        assert picture.with_suffix(".py").is_file()
        assert picture.stat().st_size < 60_000


def test_every_picture_is_drawn_again_by_one_command() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8")

    named = set(re.findall(r"docs/pictures/(\w+)\.py", recipe)) | set(
        re.search(r"for name in ([\w ]+);", recipe)[1].split()  # type: ignore[index]
    )
    assert named >= {picture.stem for picture in PICTURES.glob("*.svg")}
