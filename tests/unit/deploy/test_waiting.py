"""Waiting for an outcome: what is not there yet is waited for, whatever it is that is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.demo.waiting import Stuck, until


def looks(*seen: Any) -> Callable[[], Awaitable[Any]]:
    """What one sees who looks again and again; the last for ever."""
    left = list(seen)

    async def look() -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    return look


@pytest.mark.parametrize("not_yet", [None, False, [], {}, 0, ""])
async def test_what_is_not_there_yet_is_waited_for(not_yet: Any) -> None:
    assert await until(looks(not_yet, not_yet, "there"), "it to be there", 5) == "there"


@pytest.mark.parametrize("never", [None, False, []])
async def test_what_never_comes_is_said(never: Any) -> None:
    with pytest.raises(Stuck, match="it to be there"):
        await until(looks(never), "it to be there", 0)
