#!/usr/bin/env bash
# Ends the lab of LAB_DIR and LAB_NS: its processes and its network. Logs stay.
#
#   down.sh [--quiet]
#
# It ends only processes that up.sh has started for this lab: the pid file holds
# the start time of the process, too. They are killed outright, as nothing of a
# lab is ever read again. It never removes the state folder itself.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

quiet=
[[ ${1:-} == --quiet ]] && quiet=1

if [[ ! -e $LAB_DIR/is-a-lab ]]; then
  [[ $quiet ]] || echo "no lab was up in $LAB_DIR"
  exit 0
fi
found=
for name in prometheus alertmanager shop kwok kube-scheduler kube-controller-manager kube-apiserver etcd holder; do
  running "$name" || continue
  found=1
  read -r pid _ <"$LAB_DIR/pid/$name"
  kill -KILL "$pid" 2>/dev/null || true
  for _ in {1..50}; do
    running "$name" || break
    sleep 0.05
  done
done
# A namespace by that name is ours when this folder has started something in it.
if [[ $(id -u) == 0 && -e /run/netns/$LAB_NS && -e $LAB_DIR/pid/network ]]; then
  ip netns del "$LAB_NS"
fi
rm -rf "${LAB_DIR:?}"/{pid,kube}
if [[ ! $quiet ]]; then
  if [[ $found ]]; then echo "the lab $LAB_NS is down"; else echo "no lab was up in $LAB_DIR"; fi
fi
