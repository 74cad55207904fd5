"""Reads what Prometheus and Alertmanager know, through the API server's proxy.

  metrics.py show
  metrics.py firing NAMESPACE ALERT SINCE SECONDS   waits for the alert
  metrics.py below NAMESPACE RATIO SECONDS          waits for every error ratio

It reads only.
"""

import sys
import time
from datetime import datetime
from urllib.parse import quote

from kube import Kube, Refused, proxied

KUBE = Kube()
COUNT = "http_server_requests_seconds_count"
BY = "sum by (namespace, service)"
TRAFFIC = f"{BY} (rate({COUNT}[15s]))"
# A service without a failed request has no such series: that is zero errors,
# but only where there is traffic.
ERRORS = f'({BY} (rate({COUNT}{{status=~"5.."}}[15s])) or 0 * {TRAFFIC}) / {TRAFFIC}'
P95 = "histogram_quantile(0.95, sum by (namespace, service, le) (rate(http_server_requests_seconds_bucket[15s])))"


def query(text):
    answer = KUBE.get(proxied("prometheus", 9090, f"/api/v1/query?query={quote(text)}"))
    found = {}
    for row in answer["data"]["result"]:
        labels = row["metric"]
        found[labels["namespace"], labels["service"]] = float(row["value"][1])
    return found


def alerts():
    return KUBE.get(proxied("alertmanager", 9093, "/api/v2/alerts?active=true"))


def show():
    traffic, errors, p95 = query(TRAFFIC), query(ERRORS), query(P95)
    print(f"{'namespace':<12} {'service':<20} {'req/s':>7} {'errors':>8} {'P95':>8}")
    for key in sorted(traffic):
        ratio, slow = errors.get(key), p95.get(key)
        shown = "no data" if ratio is None or ratio != ratio else f"{ratio * 100:.2f} %"
        late = "no data" if slow is None or slow != slow else f"{slow:.2f} s"
        print(f"{key[0]:<12} {key[1]:<20} {traffic[key]:>7.1f} {shown:>8} {late:>8}")
    if not traffic:
        print("no traffic")
    found = alerts()
    for alert in found:
        labels = alert["labels"]
        print(f"FIRING {labels['alertname']} {labels.get('namespace')}/{labels.get('service')} since {alert['startsAt'][:19]}Z: {alert['annotations'].get('summary', '')}")
    if not found:
        print("no alert is firing")


def wait(seconds, what, condition):
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            said = condition()
        except (Refused, OSError):
            said = None
        if said:
            print(f"{said} after {time.monotonic() - start:.1f} s")
            return
        time.sleep(0.5)
    sys.exit(f"{what} did not come within {seconds:.0f} s")


def firing(namespace, name, since):
    def check():
        for alert in alerts():
            labels = alert["labels"]
            started = datetime.fromisoformat(alert["startsAt"].replace("Z", "+00:00")).timestamp()
            if labels["alertname"] == name and labels.get("namespace") == namespace and started >= since:
                return f"{name} fires for {labels['service']}: {alert['annotations']['summary']}"
        return None

    return check


def below(namespace, ratio):
    def check():
        mine = {service: r for (ns, service), r in query(ERRORS).items() if ns == namespace}
        worst = max(mine, key=mine.get, default=None)
        if worst is not None and len(mine) >= 7 and mine[worst] < ratio:
            return f"the worst error ratio is {mine[worst] * 100:.2f} % ({worst})"
        return None

    return check


def main():
    command, *rest = sys.argv[1:]
    if command == "show":
        show()
    elif command == "firing":
        namespace, name, since, seconds = rest
        wait(float(seconds), f"the alert {name}", firing(namespace, name, float(since)))
    elif command == "below":
        namespace, ratio, seconds = rest
        wait(float(seconds), f"an error ratio below {float(ratio):.0%}", below(namespace, float(ratio)))


if __name__ == "__main__":
    main()
