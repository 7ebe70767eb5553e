"""Who has the work now, and so may read what it needs: as the lines of the timeline say.

Departments are told of by dispatch alone, claims by partners, and which calls and orders are over by dispatch. What one
list says is heard in its order, so each is followed by itself and both are put together at the end: the same lines give
the same hands, however the two were mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, NamedTuple

from services.intake.domain.order import Order
from services.intake.domain.timeline import Progress, stands
from shared.caller import Caller, Role


class Reads(IntEnum):
    """How much of what is private somebody may read; each includes the one before."""

    NOTHING = 0
    WORDS = 1  # what was written: enough to decide whether it is one's own
    ALL = 2  # also the contact, and what else the resident said since


class Hands(NamedTuple):
    """Ids of departments that are asked, of those that have the work or a part of it, and of partners with a claim."""

    asked: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()


def may_read(order: Order, caller: Caller) -> Reads:
    """The owners and the staff of the area read all of it; departments and partners what they have in hand."""
    if order.is_seen_by(caller):
        return Reads.ALL
    if caller.role is Role.DEPARTMENT and caller.department:
        now = hands(order)
        if caller.department in now.departments:
            return Reads.ALL
        return Reads.WORDS if caller.department in now.asked else Reads.NOTHING
    if caller.role is Role.PARTNER and caller.partner and caller.partner in hands(order).partners:
        return Reads.ALL
    return Reads.NOTHING


def hands(order: Order) -> Hands:
    """Who has it now. What has ended, or repeats another one, nobody has."""
    known = _Known()
    for line in order.timeline:
        if line.service == "dispatch" and (step := _STEPS.get(line.event)):
            known = step(known, line.data)
    if known.over or order.progress is Progress.WITHDRAWN:
        return Hands()
    claims = _claims((line.event, line.data) for line in order.timeline if line.service == "partners")
    open_ones = [claim for claim, round in claims.items() if round > known.calls_over]
    # While partners hold a claim of the open call, the department that had it in hand has it not.
    hand = None if open_ones else known.hand
    return Hands(
        asked=known.called | _ids(known.asked),
        departments=_ids(hand, known.directed, *known.tasks.values()),
        partners=frozenset(order.claimants[one] for one in open_ones if one in order.claimants),
    )


def _claims(said: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, int]:
    """The claims that partners hold, with the round of each. One that is taken over is released and made anew."""
    held: dict[str, int] = {}
    for event, data in said:
        match event:
            case "claim_made":
                held[data["claim_id"]] = data["round"]
            case "claim_released":
                held.pop(data["claim_id"], None)
            case "call_expired":
                held = {claim: round for claim, round in held.items() if round > data["round"]}
            case _:
                pass
    return held


def _ids(*units: str | None) -> frozenset[str]:
    return frozenset(unit for unit in units if unit is not None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What dispatch has said so far. Units are departments by id, or levels by area: no department is called so."""

    hand: str | None = None
    asked: str | None = None
    called: frozenset[str] = frozenset()  # by a joint whistle, and waited for
    tasks: Mapping[int, str] = field(default_factory=dict)
    directed: str | None = None  # what the district watches over
    calls_over: int = 0  # calls of partners up to this round
    over: bool = False

    def now(self, hand: str | None = None, asked: str | None = None, called: Iterable[str] = ()) -> _Known:
        """It changed hands: nobody else has it, or is asked."""
        return replace(self, hand=hand, asked=asked, called=frozenset(called))

    def without(self, *units: str) -> _Known:
        return replace(self, called=self.called.difference(units))


Said = Mapping[str, Any]


def _recalled(known: _Known, said: Said) -> _Known:
    return replace(known, asked=None) if known.asked == said["department"] else known


def _blown(known: _Known, said: Said) -> _Known:
    """Over a unit that is silent the level above is called too; all others are waited for as they were."""
    return known if said["kind"] == "joint" and said["by_silence"] else known.now()


def _supervised(known: _Known, said: Said) -> _Known:
    return replace(known, asked=None) if said["cause"] == "silence" else known


def _goes_on(known: _Known, said: Said) -> _Known:  # noqa: ARG001 - the form of all these
    """Only whoever has it does this: nobody is waited for, though it may not have been told that nobody came."""
    return replace(known, asked=None, called=frozenset())


def _reminded(known: _Known, said: Said) -> _Known:
    return _goes_on(known, said) if said["clock"] == "handling" else known


def _succeeded(known: _Known, said: Said) -> _Known:
    old, new = said["department"], said["successor"]

    def now(unit: str | None) -> str | None:
        return new if unit == old else unit

    return replace(
        known,
        hand=now(known.hand),
        asked=now(known.asked),
        called=frozenset(now(one) or one for one in known.called),
        tasks={number: now(unit) or unit for number, unit in known.tasks.items()},
        directed=now(known.directed),
    )


def _agreed(known: _Known, said: Said) -> _Known:
    """Nothing is missing: the level goes on with it itself."""
    return known.now() if stands(said) and not said["gap"] else known


def _call_over(known: _Known, round: int) -> _Known:
    return replace(known, calls_over=max(known.calls_over, round))


def _closed(known: _Known, said: Said) -> _Known:  # noqa: ARG001 - the form of all these
    """Its parts end with it; whoever had it in hand has it again when it is opened again."""
    return replace(known.now(hand=known.hand), tasks={}, directed=None, over=True)


_STEPS: Mapping[str, Callable[[_Known, Said], _Known]] = {
    "dispatch_assigned": lambda known, _: known.now(),
    "dispatch_moved": lambda known, said: known.now() if said["answer_by"] else known,
    "referral_made": lambda known, said: known.now(asked=said["department"]),
    "referral_answered": lambda known, said: known.now(said["department"] if said["accepted"] else None),
    "referral_recalled": _recalled,
    "refusal_disputed": lambda known, _: known.now(),
    "dispute_ruled": lambda known, said: known.now(None if said["upheld"] else said["department"]),
    "whistle_blown": _blown,
    "joint_whistle_blown": lambda known, said: known.now(called=[one["unit"] for one in said["units"]]),
    "whistle_answered": lambda known, said: (
        known.without(said["unit"]) if said.get("waiting") else known.now()
    ),
    "whistle_recalled": lambda known, said: known.without(*said["units"]) if said["waiting"] else known.now(),
    "whistle_ended": lambda known, _: known.now(),
    "lead_named": lambda known, said: replace(known.now(said["unit"]), directed=said["unit"]),
    "task_given": lambda known, said: replace(known, tasks={**known.tasks, said["number"]: said["unit"]}),
    "task_ended": lambda known, said: replace(
        known, tasks={number: unit for number, unit in known.tasks.items() if number != said["number"]}
    ),
    "supervision_raised": _supervised,
    "supervision_directed": lambda known, said: replace(known, directed=said["unit"]),
    "supervision_closed": lambda known, _: replace(known, directed=None),
    "department_succeeded": _succeeded,
    "round_closed": _agreed,
    "notice_closed": _agreed,
    "call_withdrawn": lambda known, said: _call_over(known, said["round"]),
    "reminder_sent": _reminded,
    "handling_reported": _goes_on,
    "dispatch_paused": _goes_on,
    "deadlock_declared": _goes_on,
    "round_opened": _goes_on,
    "work_reported": _goes_on,
    "dispatch_merged": lambda known, _: replace(known, directed=None, over=True),
    "dispatch_unmerged": lambda known, _: replace(known.now(), over=False),
    "dispatch_closed": _closed,
    "dispatch_reopened": lambda known, said: replace(_call_over(known, said["calls"]), over=False),
}
