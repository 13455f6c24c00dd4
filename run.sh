#!/usr/bin/env bash
# Makes the environment from the lock file, then runs.
#   ./run.sh demo      the whole product, no token, no account
#   ./run.sh test      every test, on SQLite and PostgreSQL
#   ./run.sh bot       the real thing (GAPBOT_TOKEN); the same as: ./run.sh run
#   ./run.sh WORD ...  any other word is handed to gapbot, in the same environment
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
venv="${GAPBOT_VENV:-$here/.venv}"

say() { printf 'gapbot: %s\n' "$*" >&2; }
fail() { say "$*"; exit 69; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { printf '%s' "$name"; return; }
    done
    fail "no Python 3.11 or later was found. Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: PYTHON=/path/to/python ./run.sh ..."
}

make_environment() {
    local python="$1"
    rm -rf "$venv"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv"
    elif "$python" -c 'import venv' 2>/dev/null && "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip "$venv"
    elif command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        say "Python's venv module is missing; installing Debian's package python3-venv"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >&2 \
            || fail "could not install python3-venv. Install it by hand, then start again."
        "$python" -m venv "$venv" || fail "$python has no venv module of its own. Install the venv package that belongs to it."
    else
        fail "Python's venv module is missing. Install it (Debian, Ubuntu: sudo apt-get install python3-venv), then start again."
    fi
}

install_from() {
    local lock="$1" stamp="$venv/.installed" wanted python
    wanted="$(cat "$lock" | sha256sum | cut -d' ' -f1)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    # What runs the tests can run the bot too: the test lock holds the other one.
    [ "$lock" = "$here/requirements/run.lock" ] \
        && [ "$(cat "$stamp" 2>/dev/null)" = "$(sha256sum < "$here/requirements/test.lock" | cut -d' ' -f1)" ] && return
    python="$(find_python)"
    say "making the environment (once; about a minute) ..."
    make_environment "$python"
    if [ -x "$venv/bin/pip" ]; then
        set -- "$venv/bin/python" -m pip
    else
        set -- "$python" -m pip --python "$venv/bin/python"
    fi
    "$@" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r "$lock" >&2 \
        || fail "the libraries could not be installed. Is the package index reachable, and is there room on the disk?"
    printf '%s' "$wanted" > "$stamp"
}

word="${1:-help}"
[ $# -gt 0 ] && shift
export PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}"
# What Python compiled is kept beside the sources; else each start compiles everything anew.
unset PYTHONDONTWRITEBYTECODE
# The engine multiplies many small matrices; more threads than one only wait for each other.
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}"

case "$word" in
    help|-h|--help)
        sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0 ;;
    test)
        install_from "$here/requirements/test.lock"
        exec bash "$here/tests/run_all.sh" "$venv/bin/python" "$@" ;;
    *)
        install_from "$here/requirements/run.lock"
        [ "$word" = bot ] && word=run
        exec "$venv/bin/python" -m bot "$word" "$@" ;;
esac
