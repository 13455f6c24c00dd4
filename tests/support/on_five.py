"""The shipped questionnaires on five levels, in a folder of their own."""

import re
from pathlib import Path

from bot.surveys.desk import SurveyDesk
from bot.surveys.versions import SHIPPED, Library


def write_on_five(folder: Path, *names: str) -> None:
    """Write these questionnaires with five levels, as version 2."""
    for name in names:
        content = (SHIPPED / f"{name}.yaml").read_text("utf-8")
        content = re.sub(r"^version: \d+$", "version: 2\nscale: 5", content, flags=re.MULTILINE)
        (folder / f"{name}.yaml").write_text(content, "utf-8")


def desk_on_five(folder: Path, *names: str) -> SurveyDesk:
    """Return a desk whose questionnaires have five levels."""
    write_on_five(folder, *names)
    return SurveyDesk(library=Library(folder))
