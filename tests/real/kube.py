"""A small client for the lab's API server: requests, and list-then-watch.

The scripts and the shop use it from inside the lab's network. It reads the
client certificates in $LAB_DIR/pki and talks to 127.0.0.1:6443 only; it can
not reach any other cluster.
"""

import http.client
import json
import os
import ssl
import threading
import time
from pathlib import Path

LAB_DIR = Path(os.environ["LAB_DIR"])


class Refused(Exception):
    """The API server answered with an error."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Kube:
    """One user's way to the API server; connections are kept per thread."""

    def __init__(self, user="admin"):
        pki = LAB_DIR / "pki"
        self.tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self.tls.load_cert_chain(str(pki / f"{user}.crt"), str(pki / f"{user}.key"))
        self.local = threading.local()

    def connect(self, timeout=30):
        return http.client.HTTPSConnection("127.0.0.1", 6443, context=self.tls, timeout=timeout)

    def raw(self, method, path, body=None, kind="application/json"):
        """The status and bytes of an answer. A connection that the server has
        closed meanwhile is replaced once."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = kind
        for fresh in (False, True):
            conn = getattr(self.local, "conn", None)
            if conn is None or fresh:
                conn = self.local.conn = self.connect()
            try:
                conn.request(method, path, data, headers)
                answer = conn.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                conn.close()
                self.local.conn = None
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def ask(self, method, path, body=None, kind="application/json"):
        """The answer as JSON; an error status is raised as Refused."""
        status, data = self.raw(method, path, body, kind)
        if status >= 400:
            try:
                message = json.loads(data).get("message", "")
            except ValueError:
                message = data.decode(errors="replace")[:200]
            raise Refused(status, message)
        return json.loads(data) if data else None

    def get(self, path):
        return self.ask("GET", path)

    def ensure(self, collection, body):
        """Creates an object; one that exists already is left as it is."""
        try:
            self.ask("POST", collection, body)
        except Refused as e:
            if e.status != 409:
                raise

    def follow(self, path, selector, on_list, on_event):
        """Lists and then watches, forever; lists anew whenever the watch
        breaks. `on_list(items)` replaces all, `on_event(type, object)` one."""
        query = f"?labelSelector={selector}" if selector else "?"
        while True:
            try:
                whole = self.get(f"{path}{query}")
                on_list(whole["items"])
                version = whole["metadata"]["resourceVersion"]
                conn = self.connect(timeout=330)
                conn.request(
                    "GET",
                    f"{path}{query}&watch=1&resourceVersion={version}&timeoutSeconds=300",
                    headers={"Accept": "application/json"},
                )
                for line in conn.getresponse():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        break
                    on_event(event["type"], event["object"])
                conn.close()
            except (Refused, OSError, ValueError, http.client.HTTPException):
                time.sleep(0.5)


def proxied(service, port, path, namespace="monitoring"):
    """The path of a service's own path, through the API server's proxy."""
    return f"/api/v1/namespaces/{namespace}/services/http:{service}:{port}/proxy{path}"
