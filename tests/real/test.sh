#!/usr/bin/env bash
# A fresh lab, every test of the real floor inside it, and the lab taken down,
# however the tests end:
#
#   test.sh [CARGO TEST ARGUMENT...]      test.sh -- --nocapture
#
# LAB_DIR and LAB_NS are its own unless they are set, so that it runs beside a
# lab that somebody works in. The tests are built outside, where cargo has its
# network; inside, the lab is all there is. Logs stay in LAB_DIR on a failure.
set -euo pipefail
# Which test files, as a pattern of cargo's --test.
REAL_TESTS=${REAL_TESTS:-real_*}
export LAB_NS=${LAB_NS:-backout-test-$$}
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

phase() { printf '%-34s %5s s\n' "$1" "$(since "$mark")" && mark=$(now); }
mark=$(now)
cd "$HERE/../.."
"$HERE/up.sh"
trap '"$HERE/down.sh" --quiet' EXIT
mark=$(now)
# The incident in prod needs half a minute, mostly for its alert: the build goes
# on beside it.
"$HERE/incident.sh" bad >"$LAB_DIR/log/incident.log" 2>&1 &
incident=$!
cargo test --features real --test "$REAL_TESTS" --no-run
phase "the tests are built"
wait "$incident" || die "no incident could be made:" "$(tail -n 5 "$LAB_DIR/log/incident.log")"
phase "an incident in prod"
CARGO_NET_OFFLINE=true "$HERE/in.sh" cargo test --features real --test "$REAL_TESTS" "$@"
phase "every real test"
