"""Mutants tried from inside one warm pytest session, each in a fork of it; see mutation.py.

mutmut puts a switch in the place of every function: an environment variable names the mutant that
acts. So the session collects and runs all tests once with the right code, noting which functions
each test calls and how long it takes. A mutant is then a fork that sets the variable and runs the
tests of its function again. Functions that are called while modules are imported did their work
before the fork: there the child imports engine and tests anew.
"""

import os
import resource
import sys
import time
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from itertools import accumulate
from pathlib import Path

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase
from mutmut.mutation import trampoline
from mutmut.utils.format_utils import mangled_name_from_mutant_name

ACTING, NOTING, RIGHT = "MUTANT_UNDER_TEST", "stats", ""
"""mutmut's variable, and its values that make the right code act, with and without a note."""
PATIENCE_SECONDS, PATIENCE_TIMES = 20, 10
"""Processor seconds a mutant has beyond so many times what its tests take: else it never ends."""
MEMORY_BYTES = 8 * 2**30
OURS = ("gapengine", "tests")

hypothesis.settings.register_profile(
    "mutation",
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def try_all(
    drawn: Sequence[str], *, seconds_each: float, minutes: float, workers: int
) -> dict[str, bool]:
    """Tell of each mutant that was tried whether a test fails with it, or never ends.

    To be called in the folder that holds mutants and tests.
    """
    hypothesis.settings.load_profile("mutation")
    trials = Trials(drawn, seconds_each=seconds_each, minutes=minutes, workers=workers)
    os.environ[ACTING] = NOTING
    pytest.main(["tests"], plugins=[trials])
    return trials.killed


class Trials:
    """A pytest plugin: run every test once, then try the mutants."""

    def __init__(
        self, drawn: Sequence[str], *, seconds_each: float, minutes: float, workers: int
    ) -> None:
        self.killed: dict[str, bool] = {}
        self._drawn, self._workers, self._seconds_each = drawn, workers, seconds_each
        self._end = time.monotonic() + 60 * minutes
        self._hits: set[str] = set()
        self._at_import: set[str] = set()
        self._tests: dict[str, set[pytest.Item]] = defaultdict(set)
        self._modules: dict[str, set[Path]] = defaultdict(set)
        self._seconds: dict[pytest.Item, float] = {}
        self._failed: set[str] = set()
        trampoline.record_trampoline_hit = self._note

    def _note(self, name: str, caller: str | None = None) -> None:  # noqa: ARG002  mutmut gives it
        self._hits.add(name)

    def pytest_collection_finish(self) -> None:
        """What was called so far was called by imports."""
        self._at_import = self._taken()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what a test calls; what shared fixtures call, and caches keep, is not seen again."""
        _clear_caches()
        start = time.process_time()
        result = yield
        self._seconds[item] = time.process_time() - start
        for name in self._taken():
            self._tests[name].add(item)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails with the right code cannot tell a mutant."""
        if report.failed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Iterator[None]:
        """What a fixture of a whole module calls is called for all tests of the module."""
        before = self._taken()
        result = yield
        if fixturedef.scope != "function":
            for name in self._hits:
                self._modules[name].add(request.path)
        self._hits |= before
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Run the tests as ever, then the mutants."""
        result = yield
        os.environ[ACTING] = RIGHT
        for name in sorted(self._failed):
            print(f"left out, as it fails with no mutant: {name}", file=sys.stderr)
        self._try_all([item for item in session.items if item.nodeid not in self._failed])
        return result

    def _try_all(self, items: Sequence[pytest.Item]) -> None:
        running: dict[int, str] = {}
        self._check(items)
        for name in self._drawn:
            if time.monotonic() > self._end:
                break
            while len(running) >= self._workers:
                self._wait(running)
            running[self._start(name, items)] = name
        while running:
            self._wait(running)

    def _check(self, items: Sequence[pytest.Item]) -> None:
        """Make sure that tests which are run again fail for no other reason than a mutant."""
        _forked(RIGHT, _Again(items), seconds=sum(self._seconds.values()))
        if os.wait()[1] != 0:
            pytest.exit("tests fail when run again with no mutant acting; mend them", 1)

    def _start(self, name: str, items: Sequence[pytest.Item]) -> int:
        module, _, mutant = name.rpartition(".")
        function = f"{module}.{mangled_name_from_mutant_name(mutant)}"
        if function in self._at_import:
            fails = partial(_fails_anew, self._failed)
            return _forked(name, fails, seconds=sum(self._seconds.values()))
        callers, paths = self._tests[function], self._modules[function]
        tests = [item for item in items if item in callers or item.path in paths]
        tests.sort(key=self._seconds.__getitem__)
        ends = list(accumulate(map(self._seconds.__getitem__, tests)))
        enough = bisect(ends, self._seconds_each)
        return _forked(name, _Again(tests[:enough]), seconds=self._seconds_each)

    def _wait(self, running: dict[int, str]) -> None:
        process, status = os.wait()
        name = running.pop(process)
        self.killed[name] = status != 0
        told = "killed" if self.killed[name] else "SURVIVED"
        print(f"{len(self.killed)} {told} {name}", file=sys.stderr, flush=True)

    def _taken(self) -> set[str]:
        taken, self._hits = self._hits, set()
        return taken


class _Again:
    """Whether one of the tests fails when run once more."""

    def __init__(self, tests: Sequence[pytest.Item]) -> None:
        self._tests = tests

    def __call__(self) -> bool:
        for test, following in zip(self._tests, [*self._tests[1:], None], strict=False):
            if any(one.failed for one in runtestprotocol(test, nextitem=following, log=False)):
                return True
        return False


def _fails_anew(left_out: Iterable[str]) -> bool:
    """Whether a test fails when engine and tests are imported with the mutant acting."""
    for name in [one for one in sys.modules if one.split(".")[0] in OURS]:
        del sys.modules[name]
    others = [f"--deselect={name}" for name in left_out]
    return pytest.main(["-x", *others, "tests"]) != pytest.ExitCode.OK


def _forked(name: str, fails: Callable[[], bool], *, seconds: float) -> int:
    """Start a process in which the mutant acts; it ends with 0 if no test fails."""
    process = os.fork()
    if process:
        return process
    patience = int(PATIENCE_SECONDS + PATIENCE_TIMES * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ[ACTING] = name
    failed = True
    try:
        with _silence():
            _clear_caches()
            failed = fails()
    finally:
        os._exit(int(failed))


@contextmanager
def _silence() -> Iterator[None]:
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def _clear_caches() -> None:
    """Forget what functions of engine and tests remember from one call to the next."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in OURS:
            for own in list(vars(module).values()):
                if callable(clear := getattr(own, "cache_clear", None)):
                    clear()
