"""What of other people's code ours was read from: when the lock moves on, somebody has to read it again."""

from __future__ import annotations

from importlib.metadata import version

import pytest

READ = {
    "nats-py": (
        "2.16.0",
        "shared/stream.py: does JetStreamContext still raise a refused publication within its own handler, and are the "
        "names `_handle_async_reply` and `_publish_async_futures` the same? shared/pull.py and decision 18: does "
        "`PullSubscription.fetch` still wait out its time-out after the first message?",
    ),
    "faststream": (
        "0.7.8",
        "shared/pull.py and decision 18: does its batch pull (…/usecases/stream_pull_subscriber.py) still "
        "wait for a full batch or its time-out? If it hands on what is there at once, use it. "
        "shared/broker.py: does NatsBroker still leave the client open when its `_connect` is given up, and are "
        "`_connection_kwargs` and `config.connect` the same?",
    ),
    "fastapi": (
        "0.165.0",
        "shared/quick.py: `APIRoute.app` and `dependant`; shared/http.py: `dependant.query_params`; shared/service.py: "
        "`app.router.routes` and the switch `telemetry`; shared/live.py: `fastapi.sse.format_sse_event`.",
    ),
}


@pytest.mark.parametrize("package", READ)
def test_what_was_read_is_what_is_installed(package: str) -> None:
    """Read again what is named here, mend what is different, then write the new version above."""
    read, what = READ[package]
    assert version(package) == read, what
