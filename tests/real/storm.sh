#!/usr/bin/env bash
# RATE pod changes a second for SECONDS: annotations that no row shows, or with
# --visible restarts that a row does show. Says what rate was reached.
#
#   storm.sh RATE SECONDS [--visible] [--namespace NS]
#
# It changes the pods of one namespace of the lab, and creates and deletes none.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage="usage: storm.sh RATE SECONDS [--visible] [--namespace NS]"
namespace=prod visible=()
numbers=()
while (($#)); do
  case $1 in
  --visible) visible=(visible) && shift ;;
  --namespace) namespace=${2:?$usage} && shift 2 ;;
  [0-9]*) numbers+=("$1") && shift ;;
  *) die "unknown argument $1" "$usage" ;;
  esac
done
((${#numbers[@]} == 2)) || die "rate and seconds are wanted" "$usage"
need_lab
inside python3 "$HERE/storm.py" "${numbers[@]}" "$namespace" ${visible[@]+"${visible[@]}"}
