"""Logs, metrics and traces: their form and all their names, in one place.

Logs are JSON lines without personal data: ids, numbers and types, never names, texts or contacts.
"""

from __future__ import annotations

import logging
import os
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

REQUESTS = Histogram(
    "hehuo_http_seconds", "Time of HTTP requests", ["method", "route", "status"], buckets=_SECONDS
)
SHED = Counter("hehuo_http_shed_total", "Requests refused because too many were in work")
SAVES = Counter("hehuo_saves_total", "Writes of entries by outcome", ["outcome"])
SAVE_BATCH = Histogram(
    "hehuo_save_batch_size",
    "Writes that went to the database together",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
TOLD = Counter("hehuo_told_total", "Messages acknowledged by the bus", ["how"])
TELL_SECONDS = Histogram("hehuo_tell_seconds", "From save to acknowledgement by the bus", buckets=_SECONDS)
UNTOLD = Gauge("hehuo_untold_entries", "Entries whose history waits to be told, as the sweep last saw them")
HEARD = Counter("hehuo_heard_total", "Messages by sender and outcome", ["sender", "outcome"])
HEAR_SECONDS = Histogram(
    "hehuo_hear_seconds", "From save at the sender to save at the listener", ["sender"], buckets=_SECONDS
)
GIVEN_UP = Counter(
    "hehuo_given_up_total", "Messages that used up their deliveries at a listener", ["listener"]
)
GIVEN_UP_WAIT = Gauge("hehuo_given_up_messages", "Of these, as last seen: not told again yet by their sender")
WAIT = Gauge("hehuo_waiting_messages", "Messages that wait in this process for an earlier one of their order")
STRUCK = Counter("hehuo_clocks_struck_total", "Clocks that were due and ran", ["clock"])
STRIKE_LATE = Histogram("hehuo_clock_late_seconds", "How late a clock ran", buckets=_SECONDS)
LISTENERS = Gauge("hehuo_live_listeners", "Open streams of live updates")

_random = random.Random().getrandbits  # noqa: S311 - ids, not secrets: the operating system need not be asked each time
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


def trace_from(traceparent: str | None) -> str:
    """A W3C traceparent with a span of our own, in the caller's trace if it named a valid one.

    Where spans are made (`HEHUO_TRACES`) it is the one that we are in.
    """
    inside = trace.get_current_span().get_span_context()
    if inside.is_valid:
        return f"00-{inside.trace_id:032x}-{inside.span_id:016x}-{inside.trace_flags:02x}"
    known = _TRACEPARENT.match(traceparent or "")
    whole = known[1] if known else f"{_random(128) or 1:032x}"
    return f"00-{whole}-{_random(64) or 1:016x}-01"


def name_spans(service: str) -> None:
    """What OpenTelemetry calls this process, unless the environment says otherwise."""
    os.environ.setdefault("OTEL_SERVICE_NAME", f"hehuo-{service}")


@contextmanager
def hearing(service: str, sender: str, traceparents: Sequence[str]) -> Iterator[None]:
    """A span around the save of what was heard, in the trace of the last message; the others are linked."""
    caused = [_PROPAGATOR.extract({"traceparent": each}) for each in traceparents]
    links = [trace.Link(trace.get_current_span(each).get_span_context()) for each in caused[:-1]]
    with trace.get_tracer("hehuo").start_as_current_span(
        f"{service} hears {sender}", context=caused[-1], kind=trace.SpanKind.CONSUMER, links=links
    ):
        yield


def set_up_logs(service: str, level: str) -> None:
    """Everything, also what libraries log, goes to standard output as one JSON line each."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _, __, event: {"service": service, **event},
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("uvicorn.access", "httpx", "pymongo", "nats", "faststream"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def log(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
