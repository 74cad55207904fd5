#!/usr/bin/env bash
# Runs a command inside the lab's network, with KUBECONFIG of LAB_USER and the
# lab's own programs first on PATH:
#
#   in.sh kubectl get pods          LAB_USER=viewer in.sh backout check
#
# It changes nothing by itself. The command can reach the lab and nothing else.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

(($#)) || die "a command is missing" "usage: in.sh COMMAND [ARGUMENT...]"
need_lab
user=${LAB_USER:-admin}
[[ " ${USERS[*]} " == *" $user "* ]] || die "LAB_USER=$user: no such user" "there are: ${USERS[*]}"
export KUBECONFIG=$LAB_DIR/kube/$user.yaml PATH=$BIN:$PATH
enter
exec "${ENTER[@]}" "$@"
