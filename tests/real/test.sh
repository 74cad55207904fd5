#!/usr/bin/env bash
# A fresh lab, every test of the real floor inside it, and the lab taken down,
# however the tests end:
#
#   test.sh [CARGO TEST ARGUMENT...]      test.sh -- --nocapture
#
# LAB_DIR and LAB_NS are its own unless they are set, so that it runs beside a
# lab that somebody works in. The tests are built outside, where cargo has its
# network; inside, the lab is all there is. A lab of its own leaves nothing
# behind but, on a failure, its logs. It takes some eight minutes.
#
# REAL_TESTS  which files of tests, as a pattern: real_kill, real_*
# STEPS       all: kill -9 at every step by both ways of applying, not shared out
set -euo pipefail
REAL_TESTS=${REAL_TESTS:-real_*}
# Most of them wait most of the time: for pods, for a rate to fall, for an alert.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-8}
own_dir=
[[ ${LAB_DIR:-} ]] || own_dir=1
export LAB_NS=${LAB_NS:-backout-test-$$}
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

phase() { printf '%-34s %5s s\n' "$1" "$(since "$mark")" && mark=$(now); }
mark=$(now)
cd "$HERE/../.."
files=()
for file in tests/real_*.rs; do
  name=$(basename "$file" .rs)
  # shellcheck disable=SC2053
  if [[ $name == $REAL_TESTS ]]; then files+=("$name"); fi
done
((${#files[@]})) || die "no file of tests is called $REAL_TESTS"

"$HERE/build.sh" --kubectl
"$HERE/up.sh"
lane=
finish() {
  if [[ $lane ]]; then kill -TERM "$lane" 2>/dev/null || true; fi
  "$HERE/down.sh" --quiet
}
trap finish EXIT
mark=$(now)
# The incident in prod needs half a minute, mostly for its alert: the build goes
# on beside it. Beside it stands a release of helm 4.
{
  "$HERE/incident.sh" good --helm helm4 --namespace prod4 && "$HERE/incident.sh" bad
} >"$LAB_DIR/log/incident.log" 2>&1 &
incident=$!
cargo test --features real --test "$REAL_TESTS" --no-run
phase "the tests are built"
wait "$incident" || die "no incident could be made:" "$(tail -n 5 "$LAB_DIR/log/incident.log")"
phase "an incident in prod"

export CARGO_NET_OFFLINE=true
# run NAME ARGUMENT...: one file of tests. Those that know nothing of the lock
# hold it here: some tests of the cockpit kill the API server, and wait for it.
run() {
  local name=$1 began
  shift
  began=$(now)
  local held=(flock --shared "$LAB_DIR/quiet.lock")
  case $name in real_cockpit | real_kill) held=() ;; esac
  ${held[@]+"${held[@]}"} "$HERE/in.sh" cargo test --features real --test "$name" "$@" || return 1
  printf '%-34s %5s s\n' "$name" "$(since "$began")"
}
# Two lanes that take about as long: the two longest files, and all others.
FIRST=" real_cockpit real_parity "
lane() {
  local which=$1 name in failed=0
  shift
  for name in "${files[@]}"; do
    in=second
    [[ $FIRST != *" $name "* ]] || in=first
    [[ $in != "$which" ]] || run "$name" "$@" || failed=1
  done
  return "$failed"
}
lane second "$@" >"$LAB_DIR/log/tests.log" 2>&1 &
lane=$!
failed=0
lane first "$@" || failed=1
wait "$lane" || failed=1
lane=
cat "$LAB_DIR/log/tests.log"
phase "every real test"
((failed == 0)) || die "a real test failed" "logs: $LAB_DIR/log"
if [[ $own_dir ]]; then
  "$HERE/down.sh" --quiet
  rm -rf "${LAB_DIR:?}"
fi
