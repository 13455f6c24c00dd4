"""Mutation testing of the engine: does a test fail when the code is made wrong?

    python -m venv /tmp/mutation && /tmp/mutation/bin/pip install -r requirements/test.lock
    /tmp/mutation/bin/pip install mutmut
    /tmp/mutation/bin/python -m benchmarks.mutation --scratch /tmp/mutants [--sample 300] [--seed 1]
        [--seconds 10] [--minutes 60] [--workers 1] [NAME ...]

mutmut writes every mutant of ``gapengine`` into the scratch folder (some 17,500; minutes the first
time, later only what changed). Then the engine's tests run once, and each is noted with the
functions it calls. A random sample of the mutants is tried, each by the tests that call its
function, the quickest first, until one fails or ``--seconds`` of the processor are spent
(``benchmarks.mutation_trials``). After ``--minutes`` no further mutant is tried: the order is
random, so those tried are a sample too. Printed are the share killed with its 95 % interval
(Wilson) and every survivor; ``mutmut show NAME`` in the scratch folder shows one. Slower tests, and
those of other parts, would kill some more, so the share is a lower bound. With names such as
``gapengine.advice.`` only mutants that begin with them are drawn.
"""

import argparse
import filecmp
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"test_calibration.py", "test_purity.py"}
"""Tests of the benchmarks, and of imports: neither can tell a mutant."""
OTHERS = {"gapengine": ("conftest*",), "cases": ("*.py",)}
"""What lies in the folders beside what is wanted: of the published cases only the data is."""
CONFIG = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "-q --import-mode=importlib -p no:cacheprovider -p no:asyncio"
[tool.mutmut]
source_paths = ["gapengine"]
use_git_change_detection = false
"""
GENERATE = """
from pathlib import Path
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants, setup_source_paths
Path("mutants").mkdir(exist_ok=True)
copy_src_dir(), copy_also_copy_files(), setup_source_paths(), create_mutants(2)
"""


def main() -> None:
    """Draw, try, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="beginnings of mutants' names; all without")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the mutants")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10, help="of tests for each mutant")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    mutants = options.scratch / "mutants"
    lay_out(options.scratch)
    drawn = sample(mutants, options.names, many=options.sample, seed=options.seed)
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # read by numpy's import
    os.chdir(mutants)
    from benchmarks.mutation_trials import try_all

    killed = try_all(
        drawn,
        seconds_each=options.seconds,
        minutes=options.minutes,
        workers=options.workers,
    )
    report(killed, every=sum(1 for _ in _every_mutant(Path())))


def report(killed: dict[str, bool], *, every: int) -> None:
    """Print the share killed, and who survived."""
    from scipy.stats import binomtest

    count, many = sum(killed.values()), len(killed)
    low, high = binomtest(count, many).proportion_ci(method="wilson")
    print(f"{count} of {many} mutants killed, of {every} there are: ", end="")
    print(f"{count / many:.1%}, 95 % interval {low:.1%} to {high:.1%}; survivors:")
    print("\n".join(sorted(name for name, dead in killed.items() if not dead)))


def sample(mutants: Path, names: Sequence[str], *, many: int, seed: int) -> list[str]:
    """Draw mutants at random among those whose name begins with one of the names."""
    wanted = tuple(names) or ("gapengine.",)
    every = sorted(name for name in _every_mutant(mutants) if name.startswith(wanted))
    return random.Random(seed).sample(every, min(many, len(every)))


def lay_out(scratch: Path) -> None:
    """Write the mutants of what changed into the scratch folder, and today's tests beside them."""
    for path in _gone(scratch):
        path.unlink()
    for source in (ROOT / "gapengine").rglob("*.py"):
        target = scratch / source.relative_to(ROOT)
        if not target.exists() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (scratch / "pyproject.toml").write_text(CONFIG, "utf-8")
    subprocess.run([sys.executable, "-c", GENERATE], cwd=scratch, check=True, stdout=sys.stderr)
    mutants = scratch / "mutants"
    shutil.rmtree(mutants / "tests", ignore_errors=True)
    for folder, others in OTHERS.items():
        shutil.copytree(
            ROOT / "tests" / folder,
            mutants / "tests" / folder,
            ignore=shutil.ignore_patterns("__pycache__", *LEFT_OUT, *others),
        )
    (mutants / "pyproject.toml").write_text(CONFIG, "utf-8")


def _gone(scratch: Path) -> list[Path]:
    """What lies in the scratch folder of modules that are no more."""
    return [
        path
        for place in (scratch, scratch / "mutants")
        for path in (place / "gapengine").rglob("*.py*")
        if path.suffix in {".py", ".meta"}
        and not (ROOT / str(path.relative_to(place)).removesuffix(".meta")).exists()
    ]


def _every_mutant(mutants: Path) -> Iterator[str]:
    for meta in (mutants / "gapengine").rglob("*.meta"):
        yield from json.loads(meta.read_text("utf-8"))["exit_code_by_key"]


if __name__ == "__main__":
    main()
