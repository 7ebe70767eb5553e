"""Traces by OpenTelemetry: off unless asked for; then one goes from the request over the bus to who hears it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deploy.local import keys
from shared.naming import Names
from tests.integration.shared.looking import has_seen
from tests.integration.shared.test_service import logging_as_before, make_app, running
from tests.integration.shared.toy import Lists
from tests.integration.waiting import eventually
from tests.parts import Servers

__all__ = ["logging_as_before"]
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """One for the process: OpenTelemetry takes a provider once. Whoever is not asked to trace makes no spans in it."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> InMemorySpanExporter:
    exporter.clear()
    return exporter


@asynccontextmanager
async def intake(
    servers: Servers, names: Names, folder: Path, **knobs: Any
) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(servers, names, folder, sweep_seconds=0.1, **knobs)
    async with running(app) as client:
        client.headers["authorization"] = f"Bearer {keys.mint(folder, role='resident', sub='r1')}"
        await eventually(lambda: app.state.running.bus.connected)
        yield client


def id_of(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


async def test_one_trace_goes_from_the_request_to_whoever_hears_of_it(
    servers: Servers,
    names: Names,
    lists: Lists,
    tmp_path: Path,
    spans: InMemorySpanExporter,
    logging_as_before: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "")
    monkeypatch.delenv("OTEL_SERVICE_NAME")  # afterwards as it was
    async with intake(servers, names, tmp_path, traces=True) as client:
        assert os.environ["OTEL_SERVICE_NAME"] == "hehuo-intake"
        dispatch = await lists.open("dispatch", traces=True)
        placed = await client.post("/toys", json={"title": "a lamp"}, headers={"traceparent": CALLER})
        id = placed.json()["id"]
        await eventually(has_seen(dispatch, UUID(id), "intake:1"))
        await client.get("http://toys/readyz")

    request, heard = await eventually(lambda: both(spans))
    assert request.name == "POST /api/intake/v1/toys"
    assert heard.name == "dispatch hears intake"
    assert id_of(request)[0] == id_of(heard)[0] == CALLER.split("-")[1]
    assert heard.parent is not None
    assert f"{heard.parent.span_id:016x}" == id_of(request)[1], (
        "what is told names the request that it comes from"
    )
    assert len(spans.get_finished_spans()) == 2, "nothing is said of whether it lives"


def both(spans: InMemorySpanExporter) -> tuple[ReadableSpan, ...]:
    found = sorted(spans.get_finished_spans(), key=lambda span: span.start_time or 0)
    return tuple(found) if len(found) >= 2 else ()


async def test_who_is_not_asked_to_makes_no_spans_but_the_trace_goes_on(
    servers: Servers,
    names: Names,
    lists: Lists,
    tmp_path: Path,
    spans: InMemorySpanExporter,
    logging_as_before: None,
) -> None:
    async with intake(servers, names, tmp_path) as client:
        dispatch = await lists.open("dispatch")
        placed = await client.post("/toys", json={"title": "a lamp"}, headers={"traceparent": CALLER})
        await eventually(has_seen(dispatch, UUID(placed.json()["id"]), "intake:1"))

    assert spans.get_finished_spans() == ()
    [told] = await lists.stored("intake")
    assert (told.headers or {})["traceparent"].split("-")[1] == CALLER.split("-")[1]
