"""Filler pods: so many that the lab looks like a big cluster.

  scale.py N NAMESPACE

Deployments of up to 50 pods, labelled filler=yes, that serve nothing. It waits
until exactly N are ready. It touches no pod without that label.
"""

import sys
import time

from kube import Kube

KUBE = Kube()
SIZE = 50


def deployment(name, replicas):
    labels = {"app": name, "filler": "yes"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "idle", "image": "filler/idle:1.0"}]},
            },
        },
    }


def main():
    wanted, namespace = int(sys.argv[1]), sys.argv[2]
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    start = time.monotonic()
    present = {d["metadata"]["name"]: d for d in KUBE.get(f"{path}?labelSelector=filler%3Dyes")["items"]}
    sizes = {}
    for n in range((wanted + SIZE - 1) // SIZE):
        sizes[f"filler-{n:03d}"] = min(SIZE, wanted - n * SIZE)
    for name, size in sizes.items():
        if name not in present:
            KUBE.ensure(path, deployment(name, size))
        elif present[name]["spec"]["replicas"] != size:
            KUBE.ask("PATCH", f"{path}/{name}", {"spec": {"replicas": size}}, "application/merge-patch+json")
    for name in present.keys() - sizes.keys():
        # In the foreground: the Deployment stays until its last pod is gone.
        KUBE.ask("DELETE", f"{path}/{name}?propagationPolicy=Foreground")

    limit = 60 + wanted * 0.2
    while time.monotonic() - start < limit:
        items = KUBE.get(f"{path}?labelSelector=filler%3Dyes")["items"]
        ready = sum(d.get("status", {}).get("readyReplicas", 0) for d in items)
        total = sum(d.get("status", {}).get("replicas", 0) for d in items)
        if ready == total == wanted and len(items) == len(sizes):
            print(f"{wanted} filler pods in {namespace} after {time.monotonic() - start:.1f} s")
            return
        time.sleep(0.2)
    sys.exit(f"only {ready} of {wanted} filler pods were ready within {limit:.0f} s")


if __name__ == "__main__":
    main()
