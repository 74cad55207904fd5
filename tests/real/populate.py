"""Fills the empty control plane: nodes, namespaces, the rights of the lab's
users, and pods that stand in for Prometheus and Alertmanager.

The service proxy of the API server leads only to pods. So both get a
Deployment and a service; the address of the fake pod is local like all pod
addresses, and the real server listens on every address.

Started by up.sh. It creates what is missing, and changes or deletes nothing.
"""

import sys
import time

from kube import Kube, proxied

NODES = 10
RBAC = "rbac.authorization.k8s.io"
KUBE = Kube()


def nodes():
    for n in range(NODES):
        name = f"aks-apps-24681357-vmss{n:06d}"
        labels = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": f"zone-{n % 3 + 1}",
        }
        KUBE.ensure("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})


def namespaces():
    for name in ("prod", "monitoring"):
        KUBE.ensure("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def role(kind, name, rules, namespace=None):
    where = f"/namespaces/{namespace}" if namespace else ""
    body = {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": name}, "rules": rules}
    KUBE.ensure(f"/apis/{RBAC}/v1{where}/{kind.lower()}s", body)


def bind(user, kind, name, namespace=None):
    binding = "RoleBinding" if namespace else "ClusterRoleBinding"
    where = f"/namespaces/{namespace}" if namespace else ""
    body = {
        "apiVersion": f"{RBAC}/v1",
        "kind": binding,
        "metadata": {"name": user},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
    }
    KUBE.ensure(f"/apis/{RBAC}/v1{where}/{binding.lower()}s", body)


def users():
    read = ["get", "list", "watch"]
    # viewer reads everything; operator changes prod and sees nothing else;
    # narrow sees the pods of prod: no secrets, no logs, no metrics.
    role("ClusterRole", "viewer-of-everything", [{"apiGroups": ["*"], "resources": ["*"], "verbs": read}])
    bind("viewer", "ClusterRole", "viewer-of-everything")
    bind("operator", "ClusterRole", "edit", "prod")
    role("Role", "pods-only", [{"apiGroups": [""], "resources": ["pods"], "verbs": read}], "prod")
    bind("narrow", "Role", "pods-only", "prod")


def monitor(name, image, port):
    labels = {"app": name, "app.kubernetes.io/name": name}
    container = {"name": name, "image": image, "ports": [{"name": "http", "containerPort": port}]}
    KUBE.ensure(
        "/apis/apps/v1/namespaces/monitoring/deployments",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "labels": labels},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": name}},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
    )
    KUBE.ensure(
        "/api/v1/namespaces/monitoring/services",
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "labels": labels},
            "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": port, "targetPort": port}]},
        },
    )


def until(what, seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what} did not come within {seconds} s")
        time.sleep(0.1)


def all_nodes_ready():
    items = KUBE.get("/api/v1/nodes")["items"]
    ready = [
        n
        for n in items
        if any(c["type"] == "Ready" and c["status"] == "True" for c in n.get("status", {}).get("conditions", []))
    ]
    return len(ready) >= NODES


def answers(service, port, path):
    return lambda: KUBE.raw("GET", proxied(service, port, path))[0] == 200


def main():
    if sys.argv[1] == "objects":
        nodes()
        namespaces()
        users()
        monitor("prometheus", "prom/prometheus:v2.42.0", 9090)
        monitor("alertmanager", "prom/alertmanager:v0.25.0", 9093)
    elif sys.argv[1] == "nodes-ready":
        until("the nodes' readiness", 60, all_nodes_ready)
    elif sys.argv[1] == "monitoring-ready":
        until("Prometheus through the service proxy", 60, answers("prometheus", 9090, "/-/ready"))
        until("Alertmanager through the service proxy", 60, answers("alertmanager", 9093, "/-/ready"))


if __name__ == "__main__":
    main()
