"""Mutation testing of the engine: does a test fail when the code is made wrong?

    python -m venv /tmp/mutation && /tmp/mutation/bin/pip install -r requirements/test.lock
    /tmp/mutation/bin/pip install mutmut
    /tmp/mutation/bin/python -m benchmarks.mutation --scratch /tmp/mutants [--sample 300] [--seed 1]

mutmut writes every mutant of ``gapengine`` into the scratch folder (some 17,500; minutes). A random
sample of them is then tried, each with the tests of its area and those that import it, in a process
of its own, until one fails. Printed are the share killed and every survivor. Tests of other areas
would kill some more, so the share is a lower bound. With names such as ``gapengine.advice.`` only
mutants that begin with them are drawn.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"test_calibration.py", "test_purity.py"}
"""Tests of the benchmarks, and of imports: neither can tell a mutant."""
LIBRARIES = ("numpy", "scipy.stats", "scipy.optimize", "hypothesis", "pytest")
PATIENCE_SECONDS = 300
CONFIG = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "-q -x --import-mode=importlib -p no:cacheprovider -p no:asyncio"
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
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    mutants = options.scratch / "mutants"
    if not mutants.exists():
        _lay_out(options.scratch)
    _refresh_tests(mutants)
    drawn = sample(mutants, options.names, many=options.sample, seed=options.seed)
    for library in LIBRARIES:
        importlib.import_module(library)
    processes = multiprocessing.get_context("fork").Pool(options.workers, maxtasksperchild=1)
    with processes as pool:
        killed = pool.map(partial(is_killed, mutants.resolve()), drawn, chunksize=1)
    survivors = [name for name, dead in zip(drawn, killed, strict=True) if not dead]
    print(f"{sum(killed)} of {len(drawn)} mutants killed ({sum(killed) / len(drawn):.1%})")
    print("\n".join(sorted(survivors)))


def sample(mutants: Path, names: Sequence[str], *, many: int, seed: int) -> list[str]:
    """Draw mutants at random among those whose name begins with one of the names."""
    wanted = tuple(names) or ("gapengine.",)
    every = sorted(name for name in _every_mutant(mutants) if name.startswith(wanted))
    return random.Random(seed).sample(every, min(many, len(every)))


def is_killed(mutants: Path, name: str) -> bool:
    """Tell whether a test fails with this mutant in place, or never ends; in a process of its own.

    The process was forked, so that the libraries are loaded once for all.
    """
    import pytest

    tests = tests_for(mutants, name)
    os.chdir(mutants)
    os.environ["MUTANT_UNDER_TEST"] = name
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(PATIENCE_SECONDS)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            killed = pytest.main([*map(str, tests)]) != 0
        except TimeoutError:
            killed = True
    print(f"{'killed' if killed else 'SURVIVED'} {name}", file=sys.stderr, flush=True)
    return killed


def _give_up(*_: object) -> None:
    raise TimeoutError


def tests_for(mutants: Path, name: str) -> list[Path]:
    """Return the test files of a mutant's area, its namesakes first, then those that import it."""
    area = name.split(".")[1]
    stem = name.split(".")[-2]
    found = []
    for path in sorted((mutants / "tests" / "gapengine").rglob("test_*.py")):
        text = path.read_text("utf-8")
        near = path.stem.removeprefix("test_").split("_")[0]
        if re.search(rf"gapengine\.{area}\b", text) or near in {area, stem}:
            found.append((near not in {area, stem}, path.stat().st_size, path))
    report = mutants / "tests" / "gapengine" / "test_report.py"
    ordered = [path for *_, path in sorted(found)]
    return [path.relative_to(mutants) for path in dict.fromkeys([*ordered, report])]


def _every_mutant(mutants: Path) -> Iterator[str]:
    for meta in (mutants / "gapengine").rglob("*.meta"):
        yield from json.loads(meta.read_text("utf-8"))["exit_code_by_key"]


def _lay_out(scratch: Path) -> None:
    """Write all mutants into the scratch folder."""
    scratch.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "gapengine", scratch / "gapengine", dirs_exist_ok=True)
    (scratch / "pyproject.toml").write_text(CONFIG, "utf-8")
    subprocess.run([sys.executable, "-c", GENERATE], cwd=scratch, check=True)


def _refresh_tests(mutants: Path) -> None:
    """Put the tests as they are now beside the mutants."""
    shutil.rmtree(mutants / "tests", ignore_errors=True)
    for folder in ("gapengine", "cases"):
        shutil.copytree(
            ROOT / "tests" / folder,
            mutants / "tests" / folder,
            ignore=shutil.ignore_patterns("__pycache__", *LEFT_OUT, "test_cases*", "conftest*"),
        )
    (mutants / "pyproject.toml").write_text(CONFIG, "utf-8")


if __name__ == "__main__":
    main()
