# shellcheck shell=bash
# What the scripts of the real floor share: where things lie, how errors are
# said, how a command gets into the lab's network. It is sourced, never run;
# sourcing it starts, stops and writes nothing.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${BACKOUT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/backout-floor}
BIN=$CACHE/bin
LAB_NS=${LAB_NS:-lab}
LAB_DIR=${LAB_DIR:-${TMPDIR:-/tmp}/backout-floor-$(id -u)/$LAB_NS}
# shellcheck disable=SC2034
USERS=(admin viewer operator narrow)

export HERE CACHE BIN LAB_NS LAB_DIR

# die WHAT [WHAT TO DO...]
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  exit 1
}

# The seconds since the epoch, without starting a process.
now() { printf '%s' "${EPOCHREALTIME/,/.}"; }

# since START: the seconds passed since then, one decimal.
since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/./} + 50000) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# The start time of a process (field 22 of its stat). With the pid it names one
# process for good, so that a stale pid file never hits a stranger.
start_time() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field may hold spaces: count from its closing bracket.
  read -ra fields <<<"${stat##*) }"
  # A dead process that its parent has not noticed yet is no process.
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s' "${fields[19]}"
}

# running NAME: does the very process run that its pid file was written for?
running() {
  local pid started
  [[ -s $LAB_DIR/pid/$1 ]] || return 1
  read -r pid started <"$LAB_DIR/pid/$1" || return 1
  [[ $(start_time "$pid") == "$started" ]]
}

# wait_for NAME SECONDS COMMAND...: until COMMAND succeeds. When the part NAME
# that we started has died meanwhile, the waiting ends at once.
wait_for() {
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! running "$name"; then
      die "$name ended by itself; the end of its log:" "$(tail -n 3 "$LAB_DIR/log/$name.log")"
    fi
    if ((SECONDS - start >= limit)); then
      die "$name was not ready within $limit s" "its log: $LAB_DIR/log/$name.log"
    fi
    sleep 0.1
  done
}

# enter: fills ENTER with the command that leads into the lab's network. Root
# has made it by name; without root a holder process keeps it alive.
enter() {
  # No proxy leads out of here, and no bytecode goes into the checkout.
  ENTER=(env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u all_proxy -u ALL_PROXY
    PYTHONDONTWRITEBYTECODE=1)
  # Whoever is inside already stays there.
  if [[ ${LAB_INSIDE:-} == "$LAB_DIR" ]]; then return; fi
  if [[ -s $LAB_DIR/pid/holder ]]; then
    local pid
    read -r pid _ <"$LAB_DIR/pid/holder"
    ENTER=(nsenter --preserve-credentials -U -n -t "$pid" -- "${ENTER[@]}")
  else
    ENTER=(nsenter "--net=/run/netns/$LAB_NS" -- "${ENTER[@]}")
  fi
  ENTER+=("LAB_INSIDE=$LAB_DIR")
}

# start NAME COMMAND...: inside, detached from us, with a pid file. The command
# is kept, so that part.sh can start the very same again. ENTER must be filled.
start() {
  local name=$1
  shift
  printf '%s\0' "$@" >"$LAB_DIR/run/$name"
  setsid "${ENTER[@]}" "$@" </dev/null >>"$LAB_DIR/log/$name.log" 2>&1 8>&- &
  printf '%s %s\n' "$!" "$(start_time $!)" >"$LAB_DIR/pid/$name"
  disown
}

inside() {
  local ENTER
  enter
  "${ENTER[@]}" "$@"
}

need_lab() {
  if ! running kube-apiserver; then
    die "no lab is up in $LAB_DIR" "start it: $HERE/up.sh" "for another lab set LAB_DIR and LAB_NS as for its up.sh"
  fi
}
