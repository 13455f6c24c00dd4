"""Digest images per second, against the same picture drawn with matplotlib.

    python -m benchmarks.images [--rounds 5]

matplotlib is installed into the benchmarks' own environment at the first run; its import is not
counted, only building and drawing a waterfall of the same size.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.presses import other_python
from bot.analysis.refresh import refresh
from bot.analysis.reports import Windows, make_report
from bot.core.database import Database
from bot.core.keyring import Keyring, new_key
from bot.core.migrations import upgrade
from bot.core.render import Texts
from bot.demo.company_answers import seed_company
from bot.digests.chart import chain_svg, draw_png
from bot.digests.reading import view_of
from bot.digests.view import DigestView
from bot.surveys.desk import SurveyDesk

MATPLOTLIB = """
import io, sys, time
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
def draw():
    figure, axes = plt.subplots(figsize=(10.8, 10.46), dpi=100)
    steps = ["expect", "know", "rules", "work", "reach", "experience"]
    left = [1, 6.1, 5.8, 4.6, 4.2, 1]
    width = [5.3, 0.3, 0.3, 1.2, 0.4, 3.2]
    axes.barh(steps, width, left=left, xerr=[0.2] * 6)
    for number, step in enumerate(steps):
        axes.text(1.1, number + 0.3, "What customers " + step, fontsize=18)
    axes.set_title("Most is lost in working by the rules", fontsize=28)
    axes.invert_yaxis()
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plt.close(figure)
draw()
times = []
for _ in range(int(sys.argv[1])):
    start = time.perf_counter()
    draw()
    times.append(time.perf_counter() - start)
print(" ".join(map(str, times)))
"""


def ours(rounds: int) -> list[float]:
    """Time building and drawing the chain of the demo's first unit."""
    view = _view()
    texts = Texts()
    times = []
    for number in range(rounds + 1):
        start = time.perf_counter()
        svg = chain_svg(texts, view, "en")
        draw_png(svg or "", "en")
        if number:  # the first one compiles the templates
            times.append(time.perf_counter() - start)
    return times


def _view() -> DigestView:
    now = datetime(2026, 3, 4, 10, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'images.sqlite'}", Keyring([new_key()]))
        upgrade(database)
        with database.transaction() as session:
            company = seed_company(session, SurveyDesk(), language="en", now=now)
            while refresh(session):
                pass
            report_id = make_report(session, now, Windows())
            view = view_of(
                session,
                unit_id=company.units[0],
                report_id=report_id,
                language="en",
                fixes=(),
                today=now.date(),
            )
        database.close()
    return view


def main() -> None:
    """Draw with both in turn and print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    own = statistics.median(ours(rounds))
    command = [str(other_python()), "-c", MATPLOTLIB, str(rounds)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    other = statistics.median(float(one) for one in said.split())
    print(f"{'way':24}{'images/s':>10}{'ms each':>9}")
    print(f"{'SVG template, resvg':24}{1 / own:10.1f}{own * 1000:9.0f}")
    print(f"{'matplotlib':24}{1 / other:10.1f}{other * 1000:9.0f}")
    print(f"matplotlib takes {other / own:.1f} times as long")


if __name__ == "__main__":
    main()
