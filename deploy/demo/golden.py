"""The two golden cases. What they tell is true; a newspaper reported both in 2022."""

from __future__ import annotations

from deploy.demo.cast import Cast
from deploy.demo.drying_rack import DRYING_RACK
from deploy.demo.sewage_pipe import SEWAGE_PIPE
from deploy.demo.story import Case, Story

GOLDEN: tuple[Story, ...] = (SEWAGE_PIPE, DRYING_RACK)


async def play_out(story: Story, cast: Cast, within: float = 60.0) -> Case:
    """Play a story to its end. Raises Refused, Unreachable, Stuck."""
    case = Case(story, cast, within)
    async for _ in case.play():
        pass
    return case
