#!/usr/bin/env bash
# Every check and every test: tests/run_all.sh PYTHON [pytest's own words]. Called by ./run.sh test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="$1"
shift
bin="$(dirname "$python")"

say() { printf 'gapbot: %s\n' "$*" >&2; }

if ! command -v chromium >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        say "installing Debian's package chromium, for the tests of the demo's page ..."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >&2 \
            || { say "chromium could not be installed; install it by hand and start again"; exit 69; }
    else
        say "the demo's page is tested in Chromium: install it first (sudo apt-get install chromium)"
        exit 69
    fi
fi

[ $# -gt 0 ] && exec "$python" -m pytest "$@"

say "style ..."
"$bin/ruff" check .
"$bin/ruff" format --check --quiet .

# Types and imports take one core for a minute; the tests do not wait for them.
said="$(mktemp)"
check() { "$bin/lint-imports" --no-cache && "$bin/mypy" bot gapengine tests benchmarks; }
{ check >"$said" 2>&1 && say "types and the direction of imports: all well"; } \
    || { say "types or the direction of imports: wrong (told at the end)"; exit 1; } &
checking=$!
trap 'kill "$checking" 2>/dev/null || true; rm -f "$said"' EXIT

say "tests, and beside them types and the direction of imports ..."
code=0
"$python" -m pytest -n 3 --dist worksteal --durations 8 || code=$?
wait "$checking" || { cat "$said" >&2; code=1; }
exit "$code"
