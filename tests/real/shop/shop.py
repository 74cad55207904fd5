"""The shop: one process that is every pod of the chart beside it.

Every pod address is local to the lab's network, so one server on port 8080
answers for all pods; the address that a connection came in on says which pod
was meant. It answers

  /actuator/health[/liveness|/readiness], /actuator/info, /actuator/prometheus
  /api/...         business calls, of a service itself or through the gateway
  127.0.0.1 only:  /sd (targets for Prometheus), /state (what it knows)

and, on port 10260 with TLS, the logs of every pod, as a kubelet would. A pod
whose container does not run refuses: its connection is reset.

It reads pods through the API server as `viewer` and changes nothing there.
"""

import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import logs  # noqa: E402
import traffic  # noqa: E402
from kube import LAB_DIR, Kube, Refused  # noqa: E402

SELECTOR = "app.kubernetes.io/part-of=ecommerce-app"
PORT = 8080
LOG_PORT = 10260


def epoch(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Pod:
    """What the shop keeps of one pod. Its counters begin anew whenever its
    container does."""

    def __init__(self, body):
        self.born = None
        self.counters = traffic.Counters()
        self.update(body)

    def update(self, body):
        meta, status = body["metadata"], body.get("status", {})
        self.namespace, self.name, self.uid = meta["namespace"], meta["name"], meta["uid"]
        self.service = meta["labels"].get("app.kubernetes.io/name", "")
        container = body["spec"]["containers"][0]
        self.container, self.image = container["name"], container["image"]
        self.profile = traffic.profile_of(self.image)
        self.ip = status.get("podIP")
        state = (status.get("containerStatuses") or [{}])[0].get("state", {})
        running = state.get("running")
        self.leaving = "deletionTimestamp" in meta
        self.running = running is not None
        self.ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
        born = running["startedAt"] if running else None
        if born and born != self.born:
            self.counters = traffic.Counters()
        self.born = born or self.born

    @property
    def version(self):
        return self.image.rpartition(":")[2]


class Shop:
    """All pods, by uid and by address."""

    def __init__(self):
        self.lock = threading.Lock()
        self.pods = {}
        self.by_ip = {}

    def replace(self, items):
        with self.lock:
            old, self.pods = self.pods, {}
            for body in items:
                self.put(body, old.get(body["metadata"]["uid"]))
            self.index()

    def event(self, kind, body):
        uid = body["metadata"]["uid"]
        with self.lock:
            if kind == "DELETED":
                self.pods.pop(uid, None)
            elif kind in ("ADDED", "MODIFIED"):
                self.put(body, self.pods.get(uid))
            self.index()

    def put(self, body, pod):
        if pod:
            pod.update(body)
        else:
            pod = Pod(body)
        self.pods[pod.uid] = pod

    def index(self):
        # An address is used again after its pod is gone: the one that runs has it.
        self.by_ip = {p.ip: p for p in self.pods.values() if p.ip and p.running}

    def tick(self, seconds):
        with self.lock:
            serving = {}
            for pod in self.pods.values():
                if pod.ready and pod.running and not pod.leaving:
                    serving.setdefault(pod.namespace, []).append(pod)
            for pods in serving.values():
                traffic.advance(pods, seconds)

    def trade(self):
        last = time.monotonic()
        while True:
            time.sleep(0.25)
            now = time.monotonic()
            self.tick(now - last)
            last = now

    def targets(self):
        with self.lock:
            return [
                {
                    "targets": [f"{p.ip}:{PORT}"],
                    "labels": {
                        "job": "kubernetes-pods",
                        "namespace": p.namespace,
                        "pod": p.name,
                        "container": p.container,
                        "version": p.version,
                        "__metrics_path__": "/actuator/prometheus",
                    },
                }
                for p in self.pods.values()
                if p.ip and p.running and not p.leaving
            ]

    def state(self):
        with self.lock:
            return [
                {"namespace": p.namespace, "pod": p.name, "service": p.service, "ip": p.ip, "image": p.image, "ready": p.ready}
                for p in sorted(self.pods.values(), key=lambda p: (p.namespace, p.name))
            ]


SHOP = Shop()
LEDGER_LOCK = threading.Lock()
# What was really bought: namespace and noun to the things posted there.
LEDGER = {}


def reset(connection):
    """Ends a connection as a closed port would: with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Small answers leave at once.
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def send(self, status, body, kind="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def read(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self):
        ip = self.connection.getsockname()[0]
        path = urlsplit(self.path).path
        if ip.startswith("127."):
            known = {"/sd": SHOP.targets, "/state": SHOP.state}.get(path)
            return self.send(200, known()) if known else self.send(404, {"error": "not found"})
        pod = SHOP.by_ip.get(ip)
        if pod is None:
            self.close_connection = True
            return reset(self.connection)
        if path.startswith("/actuator"):
            return self.actuator(pod, path)
        return self.business(pod, "GET", path, b"")

    def do_POST(self):
        body = self.read()
        pod = SHOP.by_ip.get(self.connection.getsockname()[0])
        if pod is None:
            self.close_connection = True
            return reset(self.connection)
        return self.business(pod, "POST", urlsplit(self.path).path, body)

    def actuator(self, pod, path):
        if path == "/actuator/prometheus":
            with SHOP.lock:
                text = traffic.exposition(pod, time.time() - epoch(pod.born))
            return self.send(200, text, "text/plain; version=0.0.4; charset=utf-8")
        if path == "/actuator/info":
            return self.send(200, {"app": {"name": pod.service}, "build": {"version": pod.version, "artifact": pod.service}})
        if path in ("/actuator/health/liveness", "/actuator/health/readiness"):
            return self.send(200, {"status": "UP"})
        if path != "/actuator/health":
            return self.send(404, {"status": 404, "error": "Not Found", "path": path})
        if pod.profile.healthy:
            status, db = "UP", {"status": "UP", "details": {"database": "PostgreSQL", "validationQuery": "isValid()"}}
        else:
            reason = "org.springframework.jdbc.CannotGetJdbcConnectionException: HikariPool-1 - Connection is not available"
            status, db = "DOWN", {"status": "DOWN", "details": {"error": reason}}
        components = {"db": db, "diskSpace": {"status": "UP"}, "livenessState": {"status": "UP"}, "ping": {"status": "UP"}, "readinessState": {"status": "UP"}}
        return self.send(200 if status == "UP" else 503, {"status": status, "components": components})

    def business(self, pod, method, path, body):
        """A single call by a customer, or by somebody who checks. It fails as
        often, and takes as long, as the version of the pod behind it says."""
        # The gateway is also known under its own name.
        path = path.replace("/api-gateway/", "/api/", 1)
        parts = path.strip("/").split("/")
        owner, route = find_route(method, parts)
        if owner is None:
            return self.send(404, {"status": 404, "error": "Not Found", "path": path})
        backend = pod
        if pod.service == traffic.GATEWAY:
            with SHOP.lock:
                choices = [p for p in SHOP.pods.values() if p.namespace == pod.namespace and p.service == owner and p.ready and p.running]
            if not choices:
                pod.counters.one(method, route[1], 503, 0.004)
                return self.send(503, {"status": 503, "error": "Service Unavailable", "path": path})
            backend = random.choice(choices)
        elif pod.service != owner:
            return self.send(404, {"status": 404, "error": "Not Found", "path": path})
        seconds = draw(backend.profile)
        failed = random.random() < backend.profile.errors
        time.sleep(seconds)
        status = 500 if failed else route[3]
        with SHOP.lock:
            for seen in {id(pod): pod, id(backend): backend}.values():
                seen.counters.one(method, route[1], status, seconds)
        if failed:
            return self.send(500, {"status": 500, "error": "Internal Server Error", "path": path})
        return self.send(status, result(pod.namespace, method, parts, body))


def find_route(method, parts):
    """The service and route that a path belongs to."""
    for service, (_, routes) in traffic.SERVICES.items():
        for route in routes:
            pattern = route[1].strip("/").split("/")
            if method == route[0] and len(pattern) == len(parts) and all(a == b or a == "{id}" for a, b in zip(pattern, parts)):
                return service, route
    return None, None


def draw(profile):
    """A latency by chance, after the profile's shares."""
    chance, low, below = random.random(), 0.005, 0.0
    for bound, share in zip(traffic.BOUNDS, profile.shares):
        if chance <= share:
            return low + (bound - low) * (chance - below) / max(share - below, 1e-9)
        low, below = bound, share
    return low


def result(namespace, method, parts, body):
    noun = parts[1]
    if parts[1:] == ["users", "login"]:
        return {"token": "not-a-token", "expiresIn": 3600}
    if method == "POST":
        with LEDGER_LOCK:
            posted = LEDGER.setdefault((namespace, noun), [])
            thing = {"id": 1000 + len(posted), "status": "ACCEPTED"}
            posted.append(thing)
        return thing
    if len(parts) == 3:
        return {"id": parts[2], "status": "OK"}
    with LEDGER_LOCK:
        posted = list(LEDGER.get((namespace, noun), []))
    fixed = [{"id": n, "name": f"{noun} {n}"} for n in range(1, 4)]
    return {"content": fixed + posted, "totalElements": len(fixed) + len(posted)}


KUBE = Kube("viewer")


class Kubelet(BaseHTTPRequestHandler):
    """The logs of all pods: GET /containerLogs/NAMESPACE/POD/CONTAINER."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def refuse(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urlsplit(self.path)
        ask = {k: v[-1] for k, v in parse_qs(url.query).items()}
        parts = url.path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "containerLogs":
            return self.refuse(501, "the lab has logs only")
        _, namespace, name, container = parts
        span = self.container_span(namespace, name, container, ask.get("previous") == "true")
        if isinstance(span, str):
            return self.refuse(400, span)
        service, image, start, end = span
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

        since = start - 1
        if "sinceSeconds" in ask:
            since = max(since, time.time() - float(ask["sinceSeconds"]))
        if "sinceTime" in ask:
            since = max(since, epoch(ask["sinceTime"]))
        until = end or time.time()
        lines = logs.between(service, image, name, start, since, until)
        if "tailLines" in ask:
            tail = int(ask["tailLines"])
            lines = lines[-tail:] if tail else []
        room = int(ask.get("limitBytes", 10_000_000))
        stamps = ask.get("timestamps") == "true"
        room = self.write(lines, stamps, room)
        follow = ask.get("follow") == "true" and end is None
        while follow and room > 0:
            time.sleep(1)
            now = time.time()
            room = self.write(logs.between(service, image, name, start, until, now), stamps, room)
            until = now
            again = self.container_span(namespace, name, container, False)
            follow = not isinstance(again, str) and again[2] == start and again[3] is None
        self.wfile.write(b"0\r\n\r\n")

    def write(self, lines, stamps, room):
        text = "".join(f"{logs.stamp(at, 9)} {line}\n" if stamps else f"{line}\n" for at, line in lines)
        data = text.encode()[:room]
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        return room - len(data)

    def container_span(self, namespace, name, container, previous):
        """Service, image, start and end (None while it runs) of a container,
        or why there is none."""
        try:
            pod = KUBE.get(f"/api/v1/namespaces/{namespace}/pods/{name}")
        except Refused:
            return f'pod "{name}" not found'
        service = pod["metadata"].get("labels", {}).get("app.kubernetes.io/name", container)
        for status in pod["status"].get("containerStatuses") or []:
            if status["name"] != container:
                continue
            state, last = status.get("state", {}), status.get("lastState", {}).get("terminated")
            ended = state.get("terminated") or last
            if not previous and "running" in state:
                return service, status["image"], epoch(state["running"]["startedAt"]), None
            if (last if previous else ended) is not None:
                span = last if previous else ended
                return service, status["image"], epoch(span["startedAt"]), epoch(span["finishedAt"])
            if previous:
                return f'previous terminated container "{container}" in pod "{name}" not found'
            why = state.get("waiting", {}).get("reason", "ContainerCreating")
            if "ImagePull" in why:
                why = "trying and failing to pull image"
            return f'container "{container}" in pod "{name}" is waiting to start: {why}'
        return f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating'


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        # A client that went away is no news.
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handle_error(request, client_address)


def main():
    kubelet = Server(("0.0.0.0", LOG_PORT), Kubelet)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(str(LAB_DIR / "pki" / "server.crt"), str(LAB_DIR / "pki" / "server.key"))
    # The handshake is made by the thread of the connection, not by the listener.
    kubelet.socket = tls.wrap_socket(kubelet.socket, server_side=True, do_handshake_on_connect=False)
    follow = threading.Thread(
        target=KUBE.follow, args=("/api/v1/pods", SELECTOR.replace("=", "%3D"), SHOP.replace, SHOP.event), daemon=True
    )
    follow.start()
    threading.Thread(target=SHOP.trade, daemon=True).start()
    threading.Thread(target=kubelet.serve_forever, daemon=True).start()
    print(f"the shop is open, pid {os.getpid()}", flush=True)
    Server(("0.0.0.0", PORT), Answer).serve_forever()


if __name__ == "__main__":
    main()
