#!/usr/bin/env bash
# N filler pods in a namespace, ready; 0 takes them away again:
#
#   scale.sh N [--namespace NS]
#
# They serve nothing. Pods without the label filler=yes are never touched.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage="usage: scale.sh N [--namespace NS]"
namespace=prod count=
while (($#)); do
  case $1 in
  --namespace) namespace=${2:?$usage} && shift 2 ;;
  [0-9]*) count=$1 && shift ;;
  *) die "unknown argument $1" "$usage" ;;
  esac
done
[[ $count ]] || die "how many?" "$usage"
need_lab
inside python3 "$HERE/scale.py" "$count" "$namespace"
