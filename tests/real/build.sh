#!/usr/bin/env bash
# Builds the parts of the real floor and caches them outside the checkout:
# a control plane in one binary (etcd, API server, controller manager,
# scheduler), kwok, helm 3, helm 4, Prometheus and Alertmanager.
#
#   build.sh [--kubectl]      --kubectl: kubectl of the same version, too
#
# Everything lands in ${BACKOUT_CACHE:-~/.cache/backout-floor}/bin. When all
# stamps fit, it does nothing and takes no time. Several may run at once: one
# builds, the others wait for it.
#
# It never writes into the checkout, never installs anything into the system,
# never starts a service, and knows no registry but the one that Go and apt are
# set up for.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ETCD=3.6.8
KUBE=1.36.3
KWOK=0.8.0
HELM3=3.22.0
HELM4=4.3.1
GO_WANTED=1.26

with_kubectl=
for arg in "$@"; do
  case $arg in
  --kubectl) with_kubectl=1 ;;
  *) die "unknown argument $arg" "usage: build.sh [--kubectl]" ;;
  esac
done

plane_sum() { cat "$HERE"/plane/{go.mod,go.sum,main.go,kubectl/main.go} | sha256sum | cut -c1-16; }

# The stamp says what a part was made of; a part is warm when it says the same
# and the binary is there.
declare -A stamp=(
  [plane]="kubernetes $KUBE etcd $ETCD $(plane_sum)"
  [kwok]="$KWOK"
  [helm3]="$HELM3"
  [helm4]="$HELM4"
  [prometheus]="debian packages"
)
parts=(prometheus plane kwok helm3 helm4)
if [[ $with_kubectl ]]; then
  parts+=(kubectl)
  stamp[kubectl]=${stamp[plane]}
fi

warm() { [[ -x $BIN/$1 && $(cat "$CACHE/stamp/$1" 2>/dev/null) == "${stamp[$1]}" ]]; }
all_warm() {
  local part
  for part in "${parts[@]}"; do warm "$part" || return 1; done
}
if all_warm; then exit 0; fi

mkdir -p "$BIN" "$CACHE/stamp" "$CACHE/log"
exec 9>"$CACHE/lock"
if ! flock -n 9; then
  echo "another build.sh is at work in $CACHE: waiting for it"
  flock 9
fi
work=$(mktemp -d "$CACHE/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

need_go() {
  command -v go >/dev/null ||
    die "Go $GO_WANTED is missing" "install Go $GO_WANTED or newer and put its bin folder on PATH"
  local have
  have=$(go env GOVERSION)
  have=${have#go}
  if [[ $(printf '%s\n' "$GO_WANTED" "$have" | sort -V | head -n 1) != "$GO_WANTED" ]]; then
    die "Go $GO_WANTED is needed, this is Go $have" "Kubernetes $KUBE does not build with an older one"
  fi
}

# logged PART COMMAND...: output into the part's log; a failure is explained.
logged() {
  local log=$CACHE/log/$1.log
  shift
  if nice -n 10 "$@" >"$log" 2>&1; then return; fi
  echo failed
  if grep -qE 'dial tcp|no such host|i/o timeout|connection refused|TLS handshake|proxyconnect|module lookup disabled' "$log"; then
    tail -n 1 "$log" >&2
    die "the Go module proxy could not be reached" \
      "GOPROXY is $(go env GOPROXY): check the network, or copy a warm $CACHE from a machine that has one"
  fi
  tail -n 15 "$log" >&2
  die "the build failed" "the whole output: $log"
}

# Go replaces a part in one step: a running lab keeps the file it has.
place() { mv -f "$1" "$BIN/$2"; }

build_plane() {
  local v=k8s.io/component-base/version
  (cd "$HERE/plane" && logged plane go build -ldflags \
    "-s -w -X $v.gitVersion=v$KUBE -X $v.gitMajor=${KUBE%%.*} -X $v.gitMinor=$(cut -d. -f2 <<<"$KUBE")" \
    -o "$work/plane" .)
  place "$work/plane" plane
  local name
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    ln -sfn plane "$BIN/$name"
  done
}

build_kubectl() {
  local v=k8s.io/component-base/version
  (cd "$HERE/plane" && logged kubectl go build -ldflags \
    "-s -w -X $v.gitVersion=v$KUBE -X $v.gitMajor=${KUBE%%.*} -X $v.gitMinor=$(cut -d. -f2 <<<"$KUBE")" \
    -o "$work/kubectl" ./kubectl)
  place "$work/kubectl" kubectl
}

build_kwok() {
  GOBIN=$work/kwok.d logged kwok go install -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@v$KWOK"
  place "$work/kwok.d/kwok" kwok
}

# Both helms install a file named helm: each gets a folder of its own.
build_helm() {
  local major=$1 version=$2
  GOBIN=$work/helm$major.d logged "helm$major" go install \
    -ldflags "-s -w -X helm.sh/helm/v$major/internal/version.version=v$version" \
    "helm.sh/helm/v$major/cmd/helm@v$version"
  place "$work/helm$major.d/helm" "helm$major"
}
build_helm3() { build_helm 3 "$HELM3"; }
build_helm4() { build_helm 4 "$HELM4"; }

# Debian's packages are unpacked, not installed: no root, no service started.
build_prometheus() {
  local want have
  if have=$(command -v prometheus) && want=$(command -v prometheus-alertmanager); then
    ln -sfn "$have" "$BIN/prometheus"
    ln -sfn "$want" "$BIN/alertmanager"
    return
  fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    die "Prometheus and Alertmanager are missing, and there is no apt-get to fetch them" \
      "put prometheus and prometheus-alertmanager on PATH"
  fi
  local log=$CACHE/log/prometheus.log pkgs=(prometheus prometheus-alertmanager)
  mkdir "$work/deb"
  if ! (cd "$work/deb" && apt-get download "${pkgs[@]}") >"$log" 2>&1; then
    # The package lists may be old or absent.
    if [[ $(id -u) == 0 ]]; then apt-get update >>"$log" 2>&1 || true; fi
    (cd "$work/deb" && apt-get download "${pkgs[@]}") >>"$log" 2>&1 || {
      tail -n 5 "$log" >&2
      die "apt-get cannot fetch ${pkgs[*]}" \
        "as root, run: apt-get update" "or put both programs on PATH; the whole output: $log"
    }
  fi
  local deb
  for deb in "$work"/deb/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
  place "$work/root/usr/bin/prometheus" prometheus
  place "$work/root/usr/bin/prometheus-alertmanager" alertmanager
  # Debian's Alertmanager looks for its template in /usr/share: up.sh shows it
  # this folder there.
  rm -rf "$CACHE/share"
  mv "$work/root/usr/share" "$CACHE/share"
}

for part in "${parts[@]}"; do
  if warm "$part"; then continue; fi
  [[ $part == prometheus ]] || need_go
  start=$(now)
  printf '%-11s ' "$part"
  "build_$part"
  printf '%s' "${stamp[$part]}" >"$CACHE/stamp/$part"
  printf 'built in %s s\n' "$(since "$start")"
done
