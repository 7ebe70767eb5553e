"""What residents see of their order: lines, how far it is, and what is still to be paid.

Messages of one sender come in order, those of different senders in any order. So everything here is made such that
the same lines give the same result however they were mixed: progress is that of the line that weighs most, and every
figure of the funding is fed by one sender only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import accumulate
from typing import Any, TypeVar

from pydantic import Field

from shared.entry import Kept

L = TypeVar("L")


class Progress(StrEnum):
    """How far an order is, in the words of the resident's view and in the order of a life without detours."""

    PLACED = "placed"
    ACCEPTED = "accepted"  # its place in the grid was found, the clock runs
    DISPATCHED = "dispatched"  # a person, a level or a department has it in hand
    WHISTLED = "whistled"  # the next level was called
    BEING_DISCUSSED = "being_discussed"
    OPEN_TO_PARTNERS = "open_to_partners"
    CLAIMED = "claimed"  # partners have all of it
    IN_WORK = "in_work"
    TO_BE_CHECKED = "to_be_checked"
    TO_BE_EVALUATED = "to_be_evaluated"
    REWORK = "rework"
    MERGED = (
        "merged"  # another order is about the same, and is worked on: this one ends with it, or comes back
    )
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


_RANK = {progress: rank for rank, progress in enumerate(Progress)}  # decides within one millisecond
# Clocks of different lists may differ a little, so what everything follows from is decided by what it is, not by when:
# nothing comes before the beginning, and whatever is said after the end (by somebody who has not heard of it yet) is
# only noted. What was withdrawn stays so, also where another end was on its way.
_TIER = {Progress.PLACED: -2, Progress.ACCEPTED: -1, Progress.CLOSED: 1, Progress.WITHDRAWN: 2}


def _weight(progress: Progress, at: datetime) -> tuple[int, datetime, int]:
    return _TIER.get(progress, 0), at, _RANK[progress]


class Line(Kept):
    """One thing that happened. It names roles, partners and departments, never a person.

    `number` counts the lines as they came in: the live stream is resumed by it. `n` is the number in the sender's
    history. `data` holds the public part of the message, as JSON.
    """

    number: int
    at: datetime
    event: str
    service: str
    n: int
    role: str
    progress: Progress | None = None  # what the order came to by this; None: it is only noted
    data: dict[str, Any] = Field(default={})

    def weighs(self, progress: Progress, moved_at: datetime, reopened: Sequence[datetime] = ()) -> bool:
        """Whether this line decides the progress, against the one that has decided it so far.

        An order that was `reopened` begins and ends again each time.
        """
        if self.progress is None:
            return False
        mine, other = (bisect_right(reopened, at) for at in (self.at, moved_at))
        return (mine, *_weight(self.progress, self.at)) >= (other, *_weight(progress, moved_at))


class Question(Kept):
    """What the unit asked the resident. `text` is public, the answer is private: it is for whoever has the work."""

    number: int
    text: str
    asked_at: datetime
    until: datetime  # then the work goes on without an answer
    answer: str | None = None
    answered_at: datetime | None = None


class Reopening(Kept):
    """One time that it was opened again, and how it had ended before. `words` are private."""

    at: datetime
    reason: str
    words: str = ""
    outcome: str
    closed_at: datetime


class Seen(StrEnum):
    """What somebody read of what is private; the contact includes the text."""

    TEXT = "text"
    CONTACT = "contact"


class Look(Kept):
    """On one day somebody read what is private who is not of the owners. `at`: for the first time on that day."""

    role: str
    id: str
    office: str = ""  # of the department or the partner that they acted for; empty: staff
    at: datetime
    what: Seen


class Pledge(Kept):
    """What one claim promises to pay, in fen, within one round of calling."""

    round: int
    fen: int


class Funding(Kept):
    """Who pays for it, in whole fen. `cost = shares + subsidies + pledged + gap` at every moment."""

    estimate: int = 0  # what the households agreed that it costs; 0: they have not
    shares: int = 0
    subsidies: int = 0
    withdrawn_round: int = 0  # calls up to this round were withdrawn: whoever took a part is free again
    pledges: dict[str, Pledge] = Field(default={})  # by claim
    called_round: int = 0
    missing: int = 0  # what the call of that round says is missing

    @property
    def pledged(self) -> int:
        return sum(pledge.fen for pledge in self.pledges.values() if pledge.round > self.withdrawn_round)

    @property
    def cost(self) -> int:
        """The agreed cost; where nobody discussed it, what the call asks for as long as there is one."""
        if not (self.estimate or self.called_round or self.pledges):
            return 0  # most orders cost nobody anything
        paid = self.shares + self.subsidies + self.pledged
        if self.estimate:
            return max(self.estimate, paid)
        return paid + (self.missing if self.called_round > self.withdrawn_round else 0)

    @property
    def gap(self) -> int:
        return self.cost - self.shares - self.subsidies - self.pledged

    def after(self, line: Line) -> Funding:
        """The funding once this line is known."""
        data = line.data
        match line.event:
            case "round_closed" | "notice_closed" if stands(data):
                return self._agreed(data)
            case "dispatch_reopened":  # what was pledged before was spent, or is free
                return self._agreed(data).but(withdrawn_round=max(self.withdrawn_round, data["calls"]))
            case "call_withdrawn":
                return self.but(withdrawn_round=max(self.withdrawn_round, data["round"]))
            case "call_published" | "change_published":
                return self.but(called_round=data["round"], missing=data["gap"])
            case "claim_made":
                fen = sum(part["amount"] for part in data["lines"] if part["kind"] == "funds")
                pledge = Pledge(round=data["round"], fen=fen)
                return self.but(pledges={**self.pledges, data["claim_id"]: pledge}, missing=data["gap"])
            case "claim_released":
                kept = {claim: one for claim, one in self.pledges.items() if claim != data["claim_id"]}
                return self.but(pledges=kept, missing=data["gap"])
            case "call_expired":
                kept = {claim: one for claim, one in self.pledges.items() if one.round > data["round"]}
                return self.but(pledges=kept, missing=0)
            case _:
                return self

    def _agreed(self, data: dict[str, Any]) -> Funding:
        return self.but(estimate=data["cost"], shares=data["shares"], subsidies=data["subsidies"])


def stands(data: Mapping[str, Any]) -> bool:
    """Whether what was agreed binds. The first version of `round_closed` did not say whether it waits for a notice."""
    return bool(data.get("stands", data.get("agreed") and data.get("binds", True)))


def in_order(own: Sequence[L], theirs: Sequence[L], at: Callable[[L], datetime]) -> list[L]:
    """What is shown of an order, once and live: its own lines by their numbers, which are the order they came in.

    Lines of an order that it repeats have no number of its own; each stands before the first that happened after it.
    """
    places = accumulate(map(at, own), max)  # a line that came late moves none that is there
    mixed = merge(
        zip(places, own, strict=True), sorted(((at(one), one) for one in theirs), key=_first), key=_first
    )
    return [one for _, one in mixed]


def _first(pair: tuple[datetime, Any]) -> datetime:
    return pair[0]
