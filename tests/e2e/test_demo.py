"""What `make run` shows."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from deploy.demo.cast import Cast, Person
from deploy.demo.check import Lists, settle
from deploy.demo.drying_rack import DRYING_RACK
from deploy.demo.golden import GOLDEN, play_out
from deploy.demo.play import WIDTH, play
from deploy.demo.story import Case
from deploy.local import outside
from deploy.local.system import System
from shared.naming import Names
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")


def paper() -> Console:
    """What a pipe or a log file is to the demonstration."""
    return Console(file=io.StringIO(), width=WIDTH, highlight=False, emoji=False, markup=False)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_both_cases_are_shown_as_they_happen_again_and_again(system: System, lists: Lists) -> None:
    before = await lists.ids("intake")
    shown = []
    for _ in range(2):
        console = paper()
        assert await play(system, exit=False, console=console, pause=0, within=WITHIN) == 0
        shown.append(written(console))
    for text in shown:
        steps = [text.index(words) for words in (
            "陷入僵局 deadlock", "议事未通过 not agreed", "议事通过 agreed", "funding gap 18,600.00 元 yuan",
            "宏图建筑 / Hongtu Construction", "funding gap 0.00 元 yuan", "满意 satisfied", "已解决 solved",
        )]  # fmt: skip
        assert steps == sorted(steps)
        assert "辽源五金店 / Liaoyuan Hardware" in text
        assert "满意率 satisfaction" in text
        assert f"curl {system.gateway_url}/api/intake/v1/orders" in text
        assert "\x1b" not in text, "nothing but text on paper"
        wide = [line for line in text.splitlines() if cell_len(line) > WIDTH and "curl" not in line]
        assert wide == []
    new = [id for id in await lists.ids("intake") if id not in before]
    assert len(new) == 2 * len(GOLDEN)
    await settle(lists, new, WITHIN)


async def test_what_is_heard_late_is_shown_where_it_belongs(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intake hears that the order is closed, and the live stream ends, before it hears what the resident said."""
    *others, last = DRYING_RACK.steps
    pause = f"$JS.API.CONSUMER.PAUSE.{Names().stream('evaluation')}.intake"
    held_back = []

    async def evaluate(case: Case, me: Person) -> None:
        operator = await outside.connect(*system.nats_operator)
        try:
            await operator.request(pause, b'{"pause_until": "2100-01-01T00:00:00Z"}')
            acting = asyncio.ensure_future(last.do(case, me))
            order = await case.record.wait(case.resident, "intake", "closed", within=WITHIN)
            held_back.append("work_evaluated" not in [line["event"] for line in order["timeline"]])
            await operator.request(pause, b'{"pause_until": "2000-01-01T00:00:00Z"}')
            await acting
        finally:
            await operator.close()

    story = replace(DRYING_RACK, steps=(*others, replace(last, do=evaluate)))
    monkeypatch.setattr("deploy.demo.play.GOLDEN", (story,))
    console = paper()
    assert await play(system, exit=True, console=console, pause=0, within=WITHIN) == 0
    assert held_back == [True]
    text = written(console)
    assert 0 < text.index("满意 satisfied") < text.index("已解决 solved")


async def test_for_a_script_it_ends_without_saying_where_to_look(system: System) -> None:
    console = paper()
    assert await play(system, exit=True, console=console, pause=0, within=WITHIN) == 0
    assert "curl" not in written(console)
    assert written(console).endswith("Both golden cases came to their end.\n")


async def test_a_case_that_does_not_end_is_said_in_a_sentence(system: System) -> None:
    class Deaf:
        """A system whose tokens nobody knows."""

        gateway_url = system.gateway_url

        def token(self, *, role: str, sub: str, **scope: Any) -> str:
            return "no.such.token"

    console = paper()
    assert await play(Deaf(), exit=True, console=console, pause=0, within=WITHIN) == 1
    last = written(console).replace("\n", " ")
    assert "The demonstration did not come to its end: 401 /problems/not-signed-in" in last


async def test_a_system_that_is_not_there_is_said_in_a_sentence(system: System) -> None:
    class Nowhere:
        gateway_url = "http://127.0.0.1:9"  # nobody listens there

        def token(self, *, role: str, sub: str, **scope: Any) -> str:
            return system.token(role=role, sub=sub, **scope)

    console = paper()
    assert await play(Nowhere(), exit=True, console=console, pause=0, within=0.2) == 1
    assert "did not come to its end: POST /api/intake/v1/orders: ConnectError" in written(console)


@pytest.mark.parametrize("story", GOLDEN, ids=[story.en for story in GOLDEN])
async def test_a_golden_case_can_be_played_out_in_one_call(cast: Cast, lists: Lists, story: Any) -> None:
    case = await play_out(story, cast, WITHIN)
    await settle(lists, [case.record], WITHIN)
    assert case.record.outcome == "solved"
    assert case.record.unknown == []
