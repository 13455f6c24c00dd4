"""What the engine costs: gaps of 5,000 units, 10 million answers, 1 % new answers.

    python -m benchmarks.engine [PART ...] [--units 5000] [--answers 10000000] [--sample 20]
                                [--seed 1]

Three parts (gaps, folding, news; all if none is named), each a comparison within one run on one
core, with numbers that are checked to be equal.

1. Gaps: both sets of five, in five dimensions, with standard errors and intervals, from moments;
   against the loop an analyst would write: pandas for the persons' dimension means, then one
   scipy test per unit, dimension and pair of vantage points. The loop runs over a sample of units
   and is scaled. Everybody answered everything, so that both compute the same thing; estimate,
   error, degrees of freedom and t interval are compared to 1e-9 in every cell of the sample. For
   P-E pingouin's paired test is asked as well. The full report is timed with complete answers and
   with short forms of four items, so that every unit has answers to other items.
2. Folding: many answers into moments of every unit, and of every unit and week; against one pandas
   groupby that counts, adds and squares (no persons, so no honest error), and against one product
   per unit of pandas' pivot (the same sums as moments, over a sample, scaled). Peak memory is that
   of a process of its own, beyond the answers themselves.
3. News: 1 % new answers folded and merged into moments, with a history and ten times the history.
"""

import argparse
import os
import subprocess
import sys

import numpy as np

from benchmarks.engine_folding import compare_folding, compare_news
from benchmarks.engine_gaps import compare_gaps

ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PARTS = {"gaps": compare_gaps, "folding": compare_folding, "news": compare_news}


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--sample", type=int, default=20, help="units in the analyst's loop")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for part in args.parts:
        many = args.sample if part == "gaps" else args.answers
        PARTS[part](args.units, many, rng=np.random.default_rng(args.seed))


if __name__ == "__main__":
    if os.environ.get("OMP_NUM_THREADS") == "1":
        main()
    else:  # one core; the libraries read this when they are loaded
        again = [sys.executable, "-m", "benchmarks.engine", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ONE_CORE}, check=False).returncode)
