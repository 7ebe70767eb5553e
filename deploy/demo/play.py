"""What `make run` shows: both golden cases, each timeline as it comes out of the live stream, and the rates."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from deploy.demo.cast import Cast, Refused, Unreachable
from deploy.demo.golden import GOLDEN
from deploy.demo.story import LOCAL, Case, Story
from deploy.demo.waiting import Stuck
from deploy.demo.words import detail_of, role_of, title_of, yuan

WIDTH = 100
PAUSE = 0.4  # seconds between two steps, instead of hours and days
WITHIN = 60.0  # seconds for a step to be seen everywhere
AREA = "370203"
_DETAIL = 34  # columns before what is written below a row


class Stage(Protocol):
    """A ready system."""

    @property
    def gateway_url(self) -> str: ...

    def token(self, *, role: str, sub: str, **scope: Any) -> str: ...


async def play(
    stage: Stage, *, exit: bool, console: Console | None = None, pause: float = PAUSE, within: float = WITHIN
) -> int:
    """Play both cases and show them. 0 when both came to their end; otherwise 1, and a sentence says what is missing.

    `exit`: the caller ends the system afterwards, so that nobody is told to go on with it.
    """
    show = Show(console or stage_console())
    try:
        async with Cast(stage.gateway_url, stage.token, patience=within) as cast:
            for number, story in enumerate(GOLDEN, 1):
                show.opening(number, story)
                await _perform(Case(story, cast, within), show, pause)
            show.rates(await cast.person("district-shibei").get(f"/api/evaluation/v1/rates?area={AREA}"))
    except (Refused, Unreachable, Stuck) as error:
        show.failure(f"The demonstration did not come to its end: {error}")
        return 1
    show.ending(stage.gateway_url, exit)
    return 0


def stage_console() -> Console:
    """Standard output, at most 100 columns wide; also 100 when it is a file or a pipe."""
    console = Console(highlight=False, emoji=False, markup=False)
    console.width = min(WIDTH, console.width) if sys.stdout.isatty() else WIDTH
    return console


async def _perform(case: Case, show: Show, pause: float) -> None:
    """Act on one side, watch on the other. Whichever fails ends both; when one is done, the other must soon be."""
    watch = Watch(case)
    acting = asyncio.create_task(_act(case, watch, show, pause))
    watching = asyncio.create_task(watch.run())
    both = asyncio.gather(acting, watching)
    try:
        await asyncio.wait((acting, watching), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait_for(both, case.within)
    except TimeoutError as error:
        raise Stuck(f"after {case.within:.0f} s still waiting: the end of the live stream") from error
    finally:
        acting.cancel()
        watching.cancel()
        await asyncio.gather(acting, watching, return_exceptions=True)


async def _act(case: Case, watch: Watch, show: Show, pause: float) -> None:
    """Show what each step has led to, as soon as all of it has come out of the live stream.

    The lists speak independently, so lines may come in another order than that in which things happened.
    """
    async with aclosing(case.play(pause)) as steps:
        async for _ in steps:
            show.lines(*await watch.news())
            show.notes(case.notes)
            case.notes.clear()


class Watch:
    """The resident's own stream, from the order to its end."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._changed = asyncio.Condition()
        self._came: list[Mapping[str, Any]] = []
        self._funding: Mapping[str, int] = {}
        self._taken = 0
        self._placed = asyncio.Event()
        self._over = False

    async def run(self) -> None:
        await self._placed.wait()
        async with aclosing(self._case.resident.live(self._case.record.path("intake", "live"))) as events:
            async for event in events:
                said = json.loads(event.data)
                await self._note([said["line"]], said["funding"])
        self._over = True
        await self._note([], self._funding)

    async def news(self) -> tuple[list[Mapping[str, Any]], Mapping[str, int]]:
        """The lines that came since the last time, as things happened, and what is to be paid now.

        They are all there that the steps so far have led to. The stream ends with the line that closes the order;
        what another list said in that moment may come after it, and is asked for then. Raises Stuck.
        """
        self._placed.set()
        try:
            async with asyncio.timeout(self._case.within), self._changed:
                await self._changed.wait_for(lambda: self._over or len(self._came) >= self._case.lines)
        except TimeoutError as error:
            raise Stuck(f"line {self._case.lines} did not come out of the live stream") from error
        if len(self._came) < self._case.lines:
            order = await self._case.resident.get(self._case.record.path("intake"))
            known = {line["number"] for line in self._came}
            late = [line for line in order["timeline"] if line["number"] not in known]
            await self._note(late, order["funding"])
        new, self._taken = self._came[self._taken :], len(self._came)
        return sorted(new, key=lambda line: datetime.fromisoformat(line["at"])), self._funding

    async def _note(self, lines: list[Mapping[str, Any]], funding: Mapping[str, int]) -> None:
        async with self._changed:
            self._came += lines
            self._funding = funding
            self._changed.notify_all()


class Show:
    """Prints. Everything is readable without colour."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._gap = 0

    def opening(self, number: int, story: Story) -> None:
        self._gap = 0
        self._console.print()
        self._console.rule(f"{number}  {story.zh} · {story.en}", style="bold", align="left")
        self._console.print(f"居民时间线 the resident's timeline, live ({LOCAL})", style="dim")

    def lines(self, lines: Iterable[Mapping[str, Any]], funding: Mapping[str, int]) -> None:
        """What happened; and the gap when it has changed by it."""
        for line in lines:
            self._line(line)
        if funding["gap"] != self._gap:
            self._gap = funding["gap"]
            gap = f"{'':{_DETAIL}}资金缺口 funding gap {yuan(self._gap)} 元 yuan"
            self._console.print(gap, style="bold red" if self._gap else "bold green")

    def _line(self, line: Mapping[str, Any]) -> None:
        """One thing that happened: when, who, what."""
        when = datetime.fromisoformat(line["at"]).astimezone(LOCAL).strftime("%H:%M:%S")
        beginning = _columns((when, 10), (str(role_of(line)), 24), (str(title_of(line)), 31))
        self._with_detail(beginning, detail_of(line))

    def notes(self, notes: Iterable[str]) -> None:
        """What no timeline shows."""
        for note in notes:
            self._with_detail(f"{'':{_DETAIL}}", note)

    def _with_detail(self, beginning: str, detail: str) -> None:
        """On the same row when it fits there, else below it."""
        width = self._console.width
        if cell_len(beginning) + cell_len(detail) <= width:
            self._console.print(f"{beginning}{detail}".rstrip(), soft_wrap=True)
            return
        self._console.print(beginning.rstrip(), soft_wrap=True)
        for row in Text(detail).wrap(self._console, max(20, width - _DETAIL), overflow="fold"):
            self._console.print(f"{'':{_DETAIL}}{row.plain.rstrip()}", soft_wrap=True)

    def rates(self, rates: Mapping[str, Any]) -> None:
        """The three rates of the area, and how many orders they are made of."""
        self._console.print()
        self._console.rule("三率 The three rates · 市北区 Shibei District", style="bold", align="left")
        for name, label in (
            ("response", "响应率 response"),
            ("resolution", "解决率 resolution"),
            ("satisfaction", "满意率 satisfaction"),
        ):
            rate = rates[name]
            share = "–" if rate["rate"] is None else f"{rate['rate']:.1%}"
            counted = f"{rate['numerator']:g} / {rate['denominator']}"
            self._with_detail(_columns((label, 24), (share, 10), (counted, 12)), rate["definition"])

    def ending(self, url: str, exit: bool) -> None:
        self._console.print()
        if exit:
            self._console.print("Both golden cases came to their end.", style="bold")
            return
        self._console.rule("Where to look next", style="bold", align="left")
        hehuo = _command()
        for what, how in (
            ("the gateway", url),
            ("its documents", f"{url}/docs"),
            ("what runs", f"{hehuo} status"),
            ("a token", f"{hehuo} token --role resident --sub me"),
            ("a first order", ""),
        ):
            self._console.print(f"  {what:<15}{how}".rstrip(), soft_wrap=True)
        self._console.print(_FIRST_ORDER.format(url=url, hehuo=hehuo), soft_wrap=True)

    def failure(self, sentence: str) -> None:
        self._console.print()
        self._console.print(sentence, style="bold red")


def _columns(*cells: tuple[str, int]) -> str:
    """Texts one after another, each as wide as said: Chinese characters take two columns."""
    return "".join(text + " " * max(1, width - cell_len(text)) for text, width in cells)


def _command() -> str:
    """How the operator's command is called from here: by its name, or by its file when the name is not known."""
    own = Path(sys.argv[0])
    if own.name != "hehuo" or shutil.which("hehuo"):
        return "hehuo"
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)


_FIRST_ORDER = """\
    curl {url}/api/intake/v1/orders -H "Authorization: Bearer $({hehuo} token --role resident --sub me)" \\
         -H 'Content-Type: application/json' -H "Idempotency-Key: $RANDOM$RANDOM" \\
         -d '{{"category": "street_light", "text": "路灯不亮了。",
              "place": {{"longitude": 120.3638, "latitude": 36.0927}}}}'"""
