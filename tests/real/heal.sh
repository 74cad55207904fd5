#!/usr/bin/env bash
# Puts a revision back with helm's own rollback and waits until every service
# of the namespace has fewer than 1 % of errors:
#
#   heal.sh REVISION [--helm helm3|helm4] [--release NAME] [--namespace NS]
#
# It is the yardstick for what backout does itself. It touches that one release
# of the lab.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage="usage: heal.sh REVISION [--helm helm3|helm4] [--release NAME] [--namespace NS]"
helm=${HELM:-helm3} release=ecommerce-app namespace=prod revision=
while (($#)); do
  case $1 in
  --helm) helm=${2:?$usage} && shift 2 ;;
  --release) release=${2:?$usage} && shift 2 ;;
  --namespace) namespace=${2:?$usage} && shift 2 ;;
  [0-9]*) revision=$1 && shift ;;
  *) die "unknown argument $1" "$usage" ;;
  esac
done
[[ $revision ]] || die "the revision is missing" "$usage"
need_lab

mark=$(now)
"$HERE/in.sh" "$helm" rollback "$release" "$revision" --namespace "$namespace" \
  --wait --timeout 120s --qps 200 --burst-limit 400
printf '%-34s %5s s\n' "$helm rollback to $revision" "$(since "$mark")"
inside python3 "$HERE/metrics.py" below "$namespace" 0.01 90
