"""A storm of pod changes at a steady rate, and how late each one was.

  storm.py RATE SECONDS NAMESPACE [visible]

By default an annotation is patched, which no row of a list shows; `visible`
counts a container's restarts up, which a row does show. It changes nothing
else, and creates and deletes nothing.
"""

import random
import sys
import threading
import time
from datetime import datetime, timezone

from kube import Kube, Refused

KUBE = Kube()
WORKERS = 24


def restart(pod):
    """The pod's container statuses with one more restart, written whole:
    a patch replaces that list."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for status in pod["status"]["containerStatuses"]:
        status["restartCount"] += 1
        begun = status["state"]["running"]["startedAt"]
        status["lastState"] = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": begun, "finishedAt": now}}
        status["state"] = {"running": {"startedAt": now}}
    return {"status": {"containerStatuses": pod["status"]["containerStatuses"]}}


def ready(pod):
    statuses = pod["status"].get("containerStatuses") or []
    return statuses and all(s["ready"] and "running" in s["state"] for s in statuses)


def main():
    rate, seconds, namespace = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    visible = sys.argv[4:] == ["visible"]
    pods = [p for p in KUBE.get(f"/api/v1/namespaces/{namespace}/pods")["items"] if ready(p)]
    if not pods:
        sys.exit(f"no ready pod in {namespace}: run incident.sh or scale.sh first")
    chance = random.Random(1)
    total = int(rate * seconds)
    plan = [chance.randrange(len(pods)) for _ in range(total)]
    # Each pod is changed by one worker only: its statuses are carried along.
    work = [[(n, i) for n, i in enumerate(plan) if i % WORKERS == w] for w in range(WORKERS)]
    took, missed, lock = [], 0, threading.Lock()
    start = time.monotonic() + 0.2

    def run(jobs):
        nonlocal missed
        for n, i in jobs:
            time.sleep(max(0.0, start + n / rate - time.monotonic()))
            pod = pods[i]
            path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
            if visible:
                path, body = f"{path}/status", restart(pod)
            else:
                body = {"metadata": {"annotations": {"floor.backout/storm": str(n)}}}
            asked = time.monotonic()
            try:
                KUBE.ask("PATCH", path, body, "application/merge-patch+json")
            except Refused:
                with lock:
                    missed += 1
                continue
            with lock:
                took.append(time.monotonic() - asked)

    threads = [threading.Thread(target=run, args=(jobs,)) for jobs in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    span = time.monotonic() - start
    took.sort()
    if not took:
        sys.exit(f"none of {total} changes was made")
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(
        f"{len(took)} changes in {span:.1f} s: {len(took) / span:.0f} a second (asked {rate:.0f}), "
        f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, missed {missed}, pods {len(pods)}"
    )


if __name__ == "__main__":
    main()
