#!/usr/bin/env bash
# Kills one part of the lab outright, or starts it again just as up.sh did:
#
#   part.sh stop NAME       NAME: etcd, kube-apiserver, kube-scheduler, kwok,
#   part.sh start NAME            kube-controller-manager, shop, prometheus,
#                                 alertmanager
#
# It waits until a stopped part is gone, and not until a started one is ready:
# whoever tests that watches for it. It ends only a process of this lab.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage="usage: part.sh stop|start NAME"
verb=${1:?$usage} name=${2:?$usage}
[[ -s $LAB_DIR/run/$name ]] || die "no part $name was started in $LAB_DIR" "$usage"
case $verb in
stop)
  running "$name" || die "$name does not run"
  read -r pid _ <"$LAB_DIR/pid/$name"
  kill -KILL "$pid"
  for _ in {1..100}; do
    running "$name" || exit 0
    sleep 0.05
  done
  die "$name does not end"
  ;;
start)
  if running "$name"; then die "$name runs already"; fi
  mapfile -d '' command <"$LAB_DIR/run/$name"
  enter
  umask 077
  start "$name" "${command[@]}"
  ;;
*) die "unknown verb $verb" "$usage" ;;
esac
