#!/usr/bin/env bash
# Every test of the real floor, each file of them in a fresh lab with an incident
# in prod, and the lab taken down, however the tests end:
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
cd "$HERE/../.."
trap '"$HERE/down.sh" --quiet' EXIT
# The incident needs half a minute, mostly for its alert.
incident() {
  "$HERE/up.sh" >"$LAB_DIR.log" 2>&1 || die "the lab does not come up:" "$(tail -n 5 "$LAB_DIR.log")"
  "$HERE/incident.sh" bad >"$LAB_DIR.log" 2>&1 || die "no incident could be made:" "$(tail -n 5 "$LAB_DIR.log")"
}
mkdir -p "$(dirname "$LAB_DIR")"
mark=$(now)
# The first one is made while the tests are built.
incident &
first=$!
cargo test --features real --test "$REAL_TESTS" --no-run
phase "the tests are built"
wait "$first"
phase "a lab with an incident in prod"
for file in tests/$REAL_TESTS.rs; do
  if [[ ! $first ]]; then
    "$HERE/down.sh" --quiet
    incident
    phase "another one"
  fi
  first=
  name=$(basename "$file" .rs)
  CARGO_NET_OFFLINE=true "$HERE/in.sh" cargo test --features real --test "$name" "$@"
  phase "$name"
done
rm -f "$LAB_DIR.log"
