"""What the pods have logged: one event a second since the container's start.

The lines follow from the pod's name and the second alone, so nothing is stored
and two readers see the same. Good versions log a stray error now and then, as
real ones do; a failing version logs many, with their traces.
"""

import random
from datetime import datetime, timezone

from traffic import SERVICES, profile_of

# A container's log is rotated: no more than this many seconds are kept.
KEPT = 5000


def stamp(at, digits=3):
    text = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text[:20 + digits]}Z" if digits <= 6 else f"{text}000Z"


def short(service):
    return service.removesuffix("-service").replace("-", "")


def line(service, at, level, thread, logger, text):
    return at, f"{stamp(at)} {level:>5} 1 --- [{service}] [{thread}] {logger:<40} : {text}"


def started(service, image, at):
    version = image.rpartition(":")[2]
    name = "".join(part.title() for part in service.split("-")) + "Application"
    root = f"com.ecommerce.{short(service)}.{name}"
    yield line(service, at, "INFO", "main", root, f"Starting {name} v{version} using Java 21.0.4 with PID 1")
    yield line(service, at + 0.2, "INFO", "main", root, 'The following 1 profile is active: "prod"')
    if image.endswith(("-crash", "-fail")):
        yield line(service, at + 0.9, "ERROR", "main", "o.s.b.SpringApplication", "Application run failed")
        for text in (
            "org.hibernate.tool.schema.spi.SchemaManagementException: Schema-validation: missing column [discount_code] in table [orders]",
            "\tat org.hibernate.tool.schema.internal.AbstractSchemaValidator.validateTable(AbstractSchemaValidator.java:146)",
        ):
            yield at + 0.9, text
        return
    yield line(service, at + 0.6, "INFO", "main", "o.s.b.w.embedded.tomcat.TomcatWebServer", "Tomcat started on port 8080 (http) with context path '/'")
    yield line(service, at + 0.8, "INFO", "main", root, f"Started {name} in 0.8 seconds")


def event(service, image, pod, k, at):
    """The lines of the k-th second."""
    chance = random.Random(f"{pod}/{k}")
    at += chance.random() * 0.9
    method, path, _, status = chance.choice(SERVICES.get(service, (0, (("GET", "/", 1, 200),)))[1])
    thread = f"nio-8080-exec-{chance.randint(1, 10)}"
    logger = f"c.e.{short(service)}.RequestLog"
    profile = profile_of(image)
    path = path.replace("{id}", str(chance.randint(1, 900)))
    if chance.random() < max(profile.errors, 0.004):
        if profile.healthy:
            yield line(service, at, "ERROR", thread, logger, f"{method} {path} 500 in 211 ms: connection reset by peer")
            return
        yield line(service, at, "ERROR", thread, logger, f"{method} {path} 500 in {chance.randint(2100, 4600)} ms")
        yield at, "org.springframework.dao.DataAccessException: could not extract ResultSet"
        yield at, '\tcaused by: org.postgresql.util.PSQLException: ERROR: column o.discount_code does not exist'
        return
    took = int(profile.mean * 1000 * (0.4 + chance.random()))
    yield line(service, at, "INFO", thread, logger, f"{method} {path} {status} in {took} ms")


def between(service, image, pod, start, since, until):
    """The lines of a container that started at `start`, from `since` to
    `until`, each with its time."""
    lines = list(started(service, image, start))
    if image.endswith(("-crash", "-fail", "-oom")):
        if image.endswith("-oom"):
            lines.append(line(service, start + 1.2, "INFO", "main", "c.e.Cache", "warming the product cache: 4194304 entries"))
    else:
        # The first event that can lie in the span.
        first = max(1, int(since - start) - 1, int(until - start) - KEPT)
        for k in range(first, int(until - start) + 1):
            lines += event(service, image, pod, k, start + k)
    return [(at, text) for at, text in lines if since < at <= until]
