#!/usr/bin/env bash
# The real floor: a real control plane, real helm, real Prometheus and
# Alertmanager on one machine, for tests of backout against the real thing.
# Nodes and pods are kwok's, and one process is the whole shop.
#
#   up.sh [--pods N]          the lab, up in about ten seconds; N filler pods
#   down.sh                   ends it
#   in.sh COMMAND...          runs a command inside, KUBECONFIG set
#   incident.sh KIND ...      a release in two good revisions, then a bad one
#   show.sh                   requests, errors, P95 per service; firing alerts
#   scale.sh N                N filler pods
#   storm.sh RATE SECONDS     RATE pod changes a second
#   part.sh stop|start NAME   kills one part, or starts it again
#   test.sh                   a fresh lab, every real test in it, and down again
#   build.sh                  builds and caches the parts (up.sh calls it)
#
# LAB_DIR   state, logs, pids, kubeconfigs (kube/admin.yaml, viewer, operator,
#           narrow); LAB_NS names its network namespace. Other values of both
#           give another lab beside the first.
# LAB_USER  for in.sh: admin, viewer (reads everything), operator (edits prod,
#           nothing else) or narrow (sees the pods of prod).
#
# The lab has a network of its own (AnyIP: all pod addresses are local to it).
# It cannot reach anything outside, nor be reached: look in through in.sh.
# Prometheus answers there on 127.0.0.1:9090 and, as in a cluster, through
#   /api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/
# (alertmanager:9093 alike). up.sh never touches a cluster that it did not make,
# and never reuses old state: every lab starts empty.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Keys and kubeconfigs are for their owner alone.
umask 077

pods=0
while (($#)); do
  case $1 in
  --pods) pods=${2:?--pods wants a number} && shift 2 ;;
  *) die "unknown argument $1" "usage: up.sh [--pods N]" ;;
  esac
done
[[ $pods =~ ^[0-9]+$ ]] || die "--pods wants a number, not $pods"

for tool in openssl curl python3 nsenter ip flock; do
  command -v "$tool" >/dev/null || die "$tool is missing" "Debian packages: openssl curl python3 util-linux iproute2"
done

begin=$(now)
"$HERE/build.sh"

# Old state is removed below: only ever in a folder that is a lab's.
if [[ ! -e $LAB_DIR/is-a-lab && -n $(ls -A "$LAB_DIR" 2>/dev/null) ]]; then
  die "LAB_DIR=$LAB_DIR holds something that is no lab" "choose a new or an empty folder"
fi
mkdir -p "$LAB_DIR"
: >"$LAB_DIR/is-a-lab"
exec 8>"$LAB_DIR/lock"
flock -n 8 || die "another up.sh is at work in $LAB_DIR"
if running kube-apiserver; then
  echo "the lab is up already: $LAB_DIR"
  exit 0
fi
# What is left of a lab that died, or of one that was stopped.
"$HERE/down.sh" --quiet
rm -rf "${LAB_DIR:?}"/{etcd,prometheus,alertmanager,pki,kube,log,pid,run}
mkdir -p "$LAB_DIR"/{pki,kube,log,pid,run}
chmod 700 "$LAB_DIR"
echo "LAB_DIR=$LAB_DIR LAB_NS=$LAB_NS"

# A lab that does not come up leaves nothing running.
trap '"$HERE/down.sh" --quiet || true' EXIT

phase() { printf '%-34s %5s s\n' "$1" "$(since "$mark")" && mark=$(now); }
mark=$begin
phase "parts"

# --- network -----------------------------------------------------------------
# Pods, and the nodes with the advertised API server: every address is local.
routes='ip link set lo up && ip route add local 10.244.0.0/16 dev lo && ip route add local 10.250.0.0/24 dev lo'
if [[ $(id -u) == 0 ]]; then
  if [[ -e /run/netns/$LAB_NS ]]; then
    die "the network namespace $LAB_NS exists already and belongs to another lab" \
      "choose another name: LAB_NS=..., or remove it: ip netns del $LAB_NS"
  fi
  ip netns add "$LAB_NS" 2>"$LAB_DIR/log/network.log" ||
    die "root may not make a network namespace here: $(tail -n 1 "$LAB_DIR/log/network.log")" \
      "a container needs the right to do so (CAP_SYS_ADMIN, CAP_NET_ADMIN)"
  : >"$LAB_DIR/pid/network"
  nsenter "--net=/run/netns/$LAB_NS" -- bash -c "$routes"
else
  setsid unshare -rn bash -c "$routes && exec sleep infinity" </dev/null >"$LAB_DIR/log/holder.log" 2>&1 8>&- &
  holder=$!
  for _ in {1..50}; do
    [[ $(cat "/proc/$holder/comm" 2>/dev/null) != sleep ]] || break
    [[ -d /proc/$holder ]] || break
    sleep 0.1
  done
  [[ $(cat "/proc/$holder/comm" 2>/dev/null) == sleep ]] ||
    die "without root the lab needs 'unshare -rn', which fails here: $(tail -n 1 "$LAB_DIR/log/holder.log")" \
      "run up.sh as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
  printf '%s %s\n' "$holder" "$(start_time "$holder")" >"$LAB_DIR/pid/holder"
fi
enter
phase "network"

# --- certificates ------------------------------------------------------------
cd "$LAB_DIR/pki"
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
# certificate NAME SUBJECT USE [SAN]
certificate() {
  key "$1.key"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" -days 365 -out "$1.crt" \
      -extfile <(printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\n%s' "$3" "${4:-}") 2>/dev/null
}
key ca.key
openssl req -x509 -new -key ca.key -subj "/CN=$LAB_NS" -days 365 -out ca.crt
makers=()
certificate server /CN=kube-apiserver serverAuth \
  "subjectAltName=IP:127.0.0.1,IP:10.250.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc" &
makers+=($!)
certificate admin /O=system:masters/CN=admin clientAuth &
makers+=($!)
for user in viewer operator narrow system:kube-controller-manager system:kube-scheduler; do
  certificate "${user#system:}" "/CN=$user" clientAuth &
  makers+=($!)
done
key sa.key
openssl pkey -in sa.key -pubout -out sa.pub
for maker in "${makers[@]}"; do wait "$maker"; done

b64() { base64 -w0 <"$1"; }
# kubeconfig NAME NAMESPACE
kubeconfig() {
  cat >"$LAB_DIR/kube/$1.yaml" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: $LAB_NS
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: $(b64 ca.crt)
users:
- name: $1
  user:
    client-certificate-data: $(b64 "$1.crt")
    client-key-data: $(b64 "$1.key")
contexts:
- name: $LAB_NS-$1
  context: {cluster: $LAB_NS, user: $1, namespace: $2}
current-context: $LAB_NS-$1
YAML
}
for user in "${USERS[@]}"; do kubeconfig "$user" prod; done
kubeconfig kube-controller-manager kube-system
kubeconfig kube-scheduler kube-system
cd "$HERE"
phase "certificates"

# --- the parts, each waited for ----------------------------------------------
answers() { inside curl -sfk --max-time 2 --cert "$LAB_DIR/pki/admin.crt" --key "$LAB_DIR/pki/admin.key" "$1"; }
pki=$LAB_DIR/pki

start etcd "$BIN/etcd" --data-dir "$LAB_DIR/etcd" --unsafe-no-fsync --log-level warn \
  --quota-backend-bytes 4294967296 --auto-compaction-mode revision --auto-compaction-retention 5000 \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380
wait_for etcd 30 answers http://127.0.0.1:2379/health
phase "etcd"

start kube-apiserver "$BIN/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
  --bind-address 0.0.0.0 --secure-port 6443 --advertise-address 10.250.0.1 \
  --tls-cert-file "$pki/server.crt" --tls-private-key-file "$pki/server.key" --client-ca-file "$pki/ca.crt" \
  --authorization-mode RBAC --service-cluster-ip-range 10.96.0.0/16 \
  --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
  --kubelet-preferred-address-types InternalIP \
  --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" \
  --max-requests-inflight 800 --max-mutating-requests-inflight 400
wait_for kube-apiserver 60 answers https://127.0.0.1:6443/readyz
phase "kube-apiserver"

start kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig "$LAB_DIR/kube/kube-controller-manager.yaml" \
  --leader-elect=false --use-service-account-credentials \
  --service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" \
  --bind-address 127.0.0.1 --kube-api-qps 500 --kube-api-burst 1000 \
  --concurrent-deployment-syncs 10 --concurrent-replicaset-syncs 10 --node-monitor-grace-period 120s
start kube-scheduler "$BIN/kube-scheduler" --kubeconfig "$LAB_DIR/kube/kube-scheduler.yaml" \
  --leader-elect=false --bind-address 127.0.0.1 --kube-api-qps 500 --kube-api-burst 1000
# Without the lease duration no lease is renewed, and after a minute all nodes
# are held for dead.
start kwok "$BIN/kwok" --kubeconfig "$LAB_DIR/kube/admin.yaml" --config "$HERE/kwok.yaml" \
  --manage-all-nodes --node-lease-duration-seconds 40 --cidr 10.244.0.0/16 --node-ip 10.250.0.1 \
  --node-port 10250 --tls-cert-file "$pki/server.crt" --tls-private-key-file "$pki/server.key"
start shop python3 "$HERE/shop/shop.py"
# Debian's Alertmanager reads its template from /usr/share. Where the package is
# only unpacked, this one process sees the unpacked folder there.
template=()
if [[ ! -e /usr/share/prometheus/alertmanager/default.tmpl && -d $CACHE/share ]]; then
  # shellcheck disable=SC2016
  template=(unshare -m bash -c 'mount --bind "$0" /usr/share && exec "$@"' "$CACHE/share")
fi
start alertmanager ${template[@]+"${template[@]}"} "$BIN/alertmanager" --config.file "$HERE/alertmanager.yml" \
  --storage.path "$LAB_DIR/alertmanager" --web.listen-address 0.0.0.0:9093 --cluster.listen-address= --log.level warn
start prometheus "$BIN/prometheus" --config.file "$HERE/prometheus.yml" \
  --storage.tsdb.path "$LAB_DIR/prometheus" --web.listen-address 0.0.0.0:9090 --log.level warn
inside python3 "$HERE/populate.py" objects
wait_for kube-controller-manager 60 answers https://127.0.0.1:10257/healthz
wait_for kube-scheduler 60 answers https://127.0.0.1:10259/healthz
phase "controller-manager, scheduler"
inside python3 "$HERE/populate.py" nodes-ready
phase "kwok, ten nodes ready"
wait_for shop 30 answers http://127.0.0.1:8080/state
phase "shop"
wait_for prometheus 30 answers http://127.0.0.1:9090/-/ready
wait_for alertmanager 30 answers http://127.0.0.1:9093/-/ready
inside python3 "$HERE/populate.py" monitoring-ready
phase "Prometheus, Alertmanager"
if ((pods > 0)); then
  inside python3 "$HERE/scale.py" "$pods" prod
  phase "$pods filler pods"
fi
trap - EXIT
printf '%-34s %5s s\n' "the lab is up" "$(since "$begin")"
