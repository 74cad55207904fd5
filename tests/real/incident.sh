#!/usr/bin/env bash
# An incident made with real helm: the shop in revisions 1 and 2, both good,
# then a third by its kind:
#
#   incident.sh [KIND] [--helm helm3|helm4] [--release NAME] [--namespace NS]
#               [--soak SECONDS] [--hook] [--no-wait]
#
#   bad      order-service 2.4.0-bad: 18 % errors, P95 3.1 s; helm succeeds
#   slowdb   order-service 2.4.0-slowdb: 1 % errors, P95 2.4 s; helm succeeds
#   crash, oom, pull, slow   the upgrade fails after 10 s, revision 2 serves on
#   good     no third revision
#
# --soak lets revision 2 serve for so long before the third; --hook adds a Job
# before upgrades and rollbacks. For bad and slowdb it waits until Alertmanager
# has the alert, unless --no-wait. A release of that name in that namespace of
# the lab is uninstalled first: the revisions always are 1, 2, 3.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage="usage: incident.sh [bad|slowdb|crash|oom|pull|slow|good] [--helm helm3|helm4] [--release NAME] [--namespace NS] [--soak SECONDS] [--hook] [--no-wait]"
kind=bad helm=${HELM:-helm3} release=ecommerce-app namespace=prod soak=0 wait=1
extra=()
while (($#)); do
  case $1 in
  bad | slowdb | crash | oom | pull | slow | good) kind=$1 && shift ;;
  --helm) helm=${2:?$usage} && shift 2 ;;
  --release) release=${2:?$usage} && shift 2 ;;
  --namespace) namespace=${2:?$usage} && shift 2 ;;
  --soak) soak=${2:?$usage} && shift 2 ;;
  --hook) extra+=(--set hook.enabled=true) && shift ;;
  --no-wait) wait= && shift ;;
  *) die "unknown argument $1" "$usage" ;;
  esac
done
[[ $helm == helm3 || $helm == helm4 ]] || die "--helm $helm: there are helm3 and helm4"
need_lab

# Without the higher limits helm 4 waits for a minute where this takes seconds.
run_helm() { "$HERE/in.sh" "$helm" "$@" --namespace "$namespace" --qps 200 --burst-limit 400; }
# upgrade TIMEOUT ARGUMENT...
upgrade() {
  local timeout=$1
  shift
  run_helm upgrade --install "$release" "$HERE/shop/ecommerce-app" --create-namespace \
    --wait --timeout "$timeout" ${extra[@]+"${extra[@]}"} "$@" >"$log" 2>&1
}
log=$(mktemp "$LAB_DIR/log/helm.XXXXXX")
trap 'rm -f "$log"' EXIT
mark=$(now)
phase() { printf '%-34s %5s s\n' "$1" "$(since "$mark")" && mark=$(now); }
must() { "$@" || die "$helm failed: $(tail -n 3 "$log")"; }

if run_helm status "$release" >/dev/null 2>&1; then
  run_helm uninstall "$release" --wait >"$log" 2>&1 || die "$helm uninstall failed: $(tail -n 3 "$log")"
  phase "the former release is gone"
fi
must upgrade 120s --set tag=2.3.0
phase "revision 1, 2.3.0 ($helm)"
must upgrade 120s --set tag=2.3.0 --set services.order-service.tag=2.3.1 --set services.payment-service.tag=2.3.1
phase "revision 2, 2.3.1"
[[ $kind != good ]] || exit 0
if ((soak > 0)); then
  sleep "$soak"
  phase "revision 2 serves"
fi

at=$(now)
third=(--set tag=2.3.0 --set services.payment-service.tag=2.3.1
  --set "services.order-service.tag=2.4.0-$kind" --set services.order-service.config.FEATURE_DISCOUNT_CODES=true)
case $kind in
bad | slowdb)
  must upgrade 120s "${third[@]}"
  phase "revision 3, 2.4.0-$kind"
  if [[ $wait ]]; then
    alert=HighErrorRate
    [[ $kind == bad ]] || alert=HighLatencyP95
    inside python3 "$HERE/metrics.py" firing "$namespace" "$alert" "$at" 120
    phase "the alert"
  fi
  ;;
*)
  if upgrade 10s "${third[@]}"; then
    die "the upgrade to 2.4.0-$kind succeeded, which it must not" "is kwok running? its log: $LAB_DIR/log/kwok.log"
  fi
  grep -m 1 -E '^Error' "$log" || tail -n 1 "$log"
  phase "revision 3, 2.4.0-$kind, failed"
  ;;
esac
