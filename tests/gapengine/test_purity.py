"""The engine runs where nothing but numpy and scipy is installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROBE = """
import sys
sys.path.insert(0, sys.argv[1])

class Shut:
    allowed = {"gapengine", "numpy", "scipy"} | set(sys.stdlib_module_names)
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in self.allowed or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"{name} is not installed here", name=name)

sys.meta_path.insert(0, Shut())
before = set(sys.modules)
import importlib, pkgutil, gapengine
names = [module.name for module in pkgutil.iter_modules(gapengine.__path__, "gapengine.")]
for name in names:
    importlib.import_module(name)
from gapengine.folding import AnswerColumns, fold
from gapengine.report import analyse
from gapengine.vantage import Group
answers = AnswerColumns.of(range(6), [0] * 6, vantage=[0] * 6, score=[5] * 6)
report = analyse({"A": {Group.STAFF: fold(Group.STAFF, {"i": "d"}, answers)}}, {"i": "d"})
print(report.units["A"]["vantage"]["D"]["overall"]["mean"], len(names))
"""


def test_every_module_works_with_all_other_packages_made_unimportable() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE, str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.stderr == ""
    assert done.stdout.split()[0] == "5.0"
    assert int(done.stdout.split()[1]) >= 14
