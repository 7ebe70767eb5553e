"""Servers that somebody else runs: what cannot be used is said at once."""

from __future__ import annotations

import pytest

from deploy.local import outside
from deploy.local.folder import Passwords
from deploy.local.refusal import Refused


@pytest.mark.parametrize("url", ["nats://127.0.0.1:1", "nonsense"])
async def test_a_bus_that_is_not_there_is_refused_within_seconds(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "_ANSWERS_WITHIN", 1.0)
    with pytest.raises(Refused, match="cannot be used"):
        await outside.use_nats(url, Passwords({}, {}, ""))
