"""What the shop's pods have served: counters that advance with time.

A pod's behaviour is decided by the end of its image tag. Counters are kept as
fractions and shown as whole numbers, so that ratios come out exactly without
any chance in them. Nothing here reads a clock or a socket.
"""

from dataclasses import dataclass, field

# Upper bounds of the latency buckets, in seconds.
BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)


@dataclass(frozen=True)
class Profile:
    """How a version behaves: its share of 5xx, and its latency as the share of
    requests at or below each bound. P95 is read off by interpolation."""

    errors: float
    shares: tuple
    mean: float
    slowest: float
    healthy: bool = True


GOOD = Profile(  # P95 = 0.15 + 0.05 * 0.03 / 0.05 = 0.18
    errors=0.002,
    shares=(0.40, 0.70, 0.92, 0.97, 0.985, 0.992, 0.995, 0.997, 0.998, 0.999, 0.9995, 1, 1, 1, 1),
    mean=0.085,
    slowest=0.9,
)
BAD = Profile(  # P95 = 3.0 + 1.0 * 0.005 / 0.05 = 3.1
    errors=0.18,
    shares=(0.25, 0.42, 0.52, 0.58, 0.64, 0.70, 0.74, 0.77, 0.81, 0.85, 0.90, 0.945, 0.995, 1, 1),
    mean=0.95,
    slowest=4.6,
    healthy=False,
)
SLOW_DB = Profile(  # P95 = 2.0 + 0.5 * 0.04 / 0.05 = 2.4
    errors=0.01,
    shares=(0.20, 0.38, 0.48, 0.55, 0.62, 0.69, 0.74, 0.79, 0.86, 0.91, 0.96, 0.985, 0.997, 1, 1),
    mean=0.75,
    slowest=3.8,
)
# Every business call fails, and quickly: what it writes to is not there.
BROKEN = Profile(errors=1.0, shares=GOOD.shares, mean=GOOD.mean, slowest=GOOD.slowest, healthy=False)


def profile_of(image):
    if image.endswith("-broken"):
        return BROKEN
    if image.endswith("-bad"):
        return BAD
    if image.endswith("-slowdb"):
        return SLOW_DB
    return GOOD


GATEWAY = "api-gateway"

# Requests a second of each back end, and its routes: method, path, share of
# the requests, status of a success.
SERVICES = {
    "user-service": (50, (("GET", "/api/users/{id}", 0.8, 200), ("POST", "/api/users/login", 0.2, 200))),
    "product-service": (80, (("GET", "/api/products", 0.6, 200), ("GET", "/api/products/{id}", 0.4, 200))),
    "order-service": (70, (("GET", "/api/orders", 0.7, 200), ("POST", "/api/orders", 0.3, 201))),
    "payment-service": (50, (("GET", "/api/payments/{id}", 0.5, 200), ("POST", "/api/payments", 0.5, 201))),
    "shipping-service": (20, (("GET", "/api/shippings/{id}", 1.0, 200),)),
    "favourite-service": (30, (("GET", "/api/favourites", 1.0, 200),)),
}

# The share of reads of a single thing that ask for one that is not there: the
# client's mistake, no failure of the service.
NOT_FOUND = 0.005


@dataclass
class Route:
    """One line of counters: method, path and status."""

    count: float = 0.0
    total: float = 0.0
    buckets: list = field(default_factory=lambda: [0.0] * len(BOUNDS))

    def add(self, n, shares, mean):
        self.count += n
        self.total += n * mean
        for i, share in enumerate(shares):
            self.buckets[i] += n * share


class Counters:
    """All that one container has served since its start."""

    def __init__(self):
        self.routes = {}

    def add(self, method, path, status, n, shares, mean):
        if n > 0:
            self.routes.setdefault((method, path, status), Route()).add(n, shares, mean)

    def serve(self, method, path, success, n, errors, shares, mean, failure=500):
        """Adds n requests to a route, `errors` of them (a share) failed."""
        missing = NOT_FOUND if path.endswith("{id}") else 0.0
        self.add(method, path, failure, n * errors, shares, mean)
        self.add(method, path, 404, n * (1 - errors) * missing, shares, mean)
        self.add(method, path, success, n * (1 - errors) * (1 - missing), shares, mean)

    def one(self, method, path, status, seconds):
        """Adds a single call that was really made."""
        self.add(method, path, status, 1, [1.0 if seconds <= b else 0.0 for b in BOUNDS], seconds)


def advance(pods, seconds):
    """Lets the customers of one namespace shop for some seconds. `pods` are
    those that are ready: each with `service`, `profile` and `counters`."""
    by_service = {}
    for pod in pods:
        by_service.setdefault(pod.service, []).append(pod)
    gateways = by_service.get(GATEWAY, [])
    # All customers come through the gateway.
    if not gateways:
        return
    for service, (rate, routes) in SERVICES.items():
        backends = by_service.get(service, [])
        for method, path, share, success in routes:
            n = rate * share * seconds
            for pod in backends:
                p = pod.profile
                pod.counters.serve(method, path, success, n / len(backends), p.errors, p.shares, p.mean)
            if backends:
                k = len(backends)
                errors = sum(b.profile.errors for b in backends) / k
                shares = [sum(b.profile.shares[i] for b in backends) / k for i in range(len(BOUNDS))]
                mean, failure = sum(b.profile.mean for b in backends) / k, 500
            else:
                errors, shares, mean, failure = 1.0, [1.0] * len(BOUNDS), 0.004, 503
            for gate in gateways:
                own = gate.profile
                if own is not GOOD:
                    worse = max(errors, own.errors)
                    gate.counters.serve(method, path, success, n / len(gateways), worse, own.shares, own.mean, failure)
                else:
                    gate.counters.serve(method, path, success, n / len(gateways), errors, shares, mean, failure)


def outcome(status):
    return {2: "SUCCESS", 4: "CLIENT_ERROR", 5: "SERVER_ERROR"}[status // 100]


def exposition(pod, uptime):
    """The pod's page of metrics, as Spring Boot's actuator writes it."""
    app = f'application="{pod.service}",service="{pod.service}"'
    name = "http_server_requests_seconds"
    lines = [f"# HELP {name} Duration of HTTP server request handling", f"# TYPE {name} histogram"]
    # The counters are shown as whole numbers: the count of a line is the floor
    # of the sum, so that its buckets never exceed it.
    for (method, path, status), route in sorted(pod.counters.routes.items()):
        failed = status >= 500
        error = 'error="DataAccessException",exception="DataAccessException"' if failed else 'error="none",exception="none"'
        labels = f'{app},{error},method="{method}",outcome="{outcome(status)}",status="{status}",uri="{path}"'
        for bound, n in zip(BOUNDS, route.buckets):
            lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {int(n + 1e-6)}.0')
        lines.append(f'{name}_bucket{{{labels},le="+Inf"}} {int(route.count + 1e-6)}.0')
        lines.append(f"{name}_count{{{labels}}} {int(route.count + 1e-6)}.0")
        lines.append(f"{name}_sum{{{labels}}} {route.total:.6f}")
    # What the kubelet's cAdvisor would say of the container: a bad version fills
    # the 50m that it requests.
    cores = 0.02 if pod.profile.healthy else 0.048
    busy, waiting = (10, 37) if not pod.profile.healthy else (3, 0)
    for metric, kind, extra, value in (
        ("process_uptime_seconds", "gauge", "", f"{uptime:.3f}"),
        ("container_cpu_usage_seconds_total", "counter", "", f"{uptime * cores:.3f}"),
        ("container_memory_working_set_bytes", "gauge", "", "2.31735296E8"),
        ("jvm_memory_used_bytes", "gauge", ',area="heap",id="G1 Old Gen"', "1.84549376E8"),
        ("jvm_memory_max_bytes", "gauge", ',area="heap",id="G1 Old Gen"', "5.36870912E8"),
        ("jvm_threads_live_threads", "gauge", "", "42.0"),
        ("hikaricp_connections_active", "gauge", ',pool="HikariPool-1"', f"{busy}.0"),
        ("hikaricp_connections_max", "gauge", ',pool="HikariPool-1"', "10.0"),
        ("hikaricp_connections_pending", "gauge", ',pool="HikariPool-1"', f"{waiting}.0"),
    ):
        lines += [f"# TYPE {metric} {kind}", f"{metric}{{{app}{extra}}} {value}"]
    return "\n".join(lines) + "\n"
