"""Random lives by the rules, through the stores: corrections, repetitions, reworks, silence, late messages.

Each decision is saved as the services save it. What one list says the other hears later, in order, now and then twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from deploy.demo.cast import everywhere
from services.dispatch.bus import reactions as heard_by_dispatch
from services.dispatch.clock import among_us, strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.unit import Unit
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.ladder.succession import succeed
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.works.binding import UnknownOriginal, can_be_repeated
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.domain.works.closing import CloseDispatch, close
from services.dispatch.settings import Settings
from services.dispatch.store import Dispatches
from services.evaluation.bus import reactions as heard_by_evaluation
from services.evaluation.clock import strike as strike_evaluation
from services.evaluation.domain.evaluation import (
    Evaluation,
    EvaluationState,
    GiveVerdict,
    StrangerMayNotEvaluate,
    Verdict,
    evaluate,
)
from services.evaluation.store import Evaluations
from shared.asked import Asked
from shared.caller import By, Caller, Role, system
from shared.contracts.from_intake import (
    OrderAmendedV1,
    OrderAmendedV2,
    OrderPlacedV2,
    OrderReopenedV1,
    OrderWithdrawnV1,
    QuestionAnsweredV1,
)
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import Heard, Message
from shared.contracts.registry import every_message
from shared.entry import Decision, Entry, NotYet
from shared.hearing import Reaction
from shared.periods import first_id
from shared.problems import RuleBroken
from tests.unit.dispatch.situations import commands
from tests.unit.dispatch.stories import LIMITS

LONGEST = 14  # things that are tried in one life
_STRIKES = 12  # at most in one go
CATEGORIES = ("sewage_pipe", "street_light", "noise")
_URGENCIES = ("general", "urgent", "emergency")
_WINDOW = timedelta(days=14)
_TRACE = "00-00000000000000000000000000000001-0000000000000001-01"
_RESIDENT = Caller("resident-1", Role.RESIDENT)
_DISTRICT = Caller("district-shibei", Role.DISTRICT, area="370203")
_COLLEAGUE = Caller("district-shibei-2", Role.DISTRICT, area="370203")  # who did nothing of the work
_OFFICERS = tuple(
    Caller(f"officer-{id}", Role.DEPARTMENT, department=id) for id in ("sewage", "urban_management")
)
_NEAR = everywhere()[:12]
_LIKELY = (
    "assignment", "assignment", "whistle", "whistle", "whistle, together", "whistle/answer", "whistle/answer",
    "whistle/end", "referral", "referral/answer", "referral/accepted", "delivery", "delivery", "check", "check",
    "check/failed", "tasks", "tasks/1/result", "tasks/1/cancellation", "time-requests", "time-requests/answer",
    "resumption", "questions", "transfer", "closure", "closure, partly", "deadlock", "lead", "referral/recall",
    "whistle/recall", "referral/dispute", "referral/dispute/ruling", "succession",
)  # fmt: skip
_S = DispatchState
_NEXT = {  # so that lives come to their ends
    _S.RECEIVED: ("assignment", "assignment", "whistle"),
    _S.ASSIGNED: ("delivery", "delivery", "whistle", "referral"),
    _S.WHISTLED: ("whistle/answer", "whistle/answer", "whistle/answer", "whistle/recall"),
    _S.REFERRED: (
        "referral/answer", "referral/accepted", "referral/accepted", "referral/recall", "referral/dispute/ruling",
    ),
    _S.IN_HANDLING: ("delivery", "delivery", "delivery", "closure", "referral"),
    _S.TO_CHECK: ("check", "check", "check/failed"),
    _S.MERGED: ("unbinding",),
}  # fmt: skip


@dataclass
class Sent:
    """What one list has said, and how much of it the other one has heard."""

    sender: str
    told: list[tuple[int, datetime, By, Message]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)  # by listener


@dataclass
class Family:
    """Orders that may repeat one another, at one time."""

    at: datetime
    members: list[Life] = field(default_factory=list)


class Life:
    """One order in two lists."""

    def __init__(
        self, dispatches: Dispatches, evaluations: Evaluations, chance: random.Random, n: int, family: Family
    ) -> None:
        self.chance, self.family = chance, family
        self.id = UUID(int=first_id(family.at).int | n)
        self.intake, self.dispatch, self.evaluation = Sent("intake"), Sent("dispatch"), Sent("evaluation")
        self.dispatched: Entry[Dispatch] = Entry(self.id, Dispatch())
        self.evaluated: Entry[Evaluation] = Entry(self.id, Evaluation())
        self._dispatches, self._evaluations = dispatches, evaluations
        family.members.append(self)

    @property
    def at(self) -> datetime:
        return self.family.at

    # ------------------------------------------------------------ saving

    async def _decide(
        self, rule: Callable[[Dispatch], Decision[Dispatch]], by: Caller, cause: str = "", *heard: Heard[Any]
    ) -> None:
        decision = rule(self.dispatched.state)
        asked = Asked(by, self.at, _TRACE, cause=cause)
        self.dispatched = await self._dispatches.save(self.dispatched, decision, asked, heard)

    async def _judge(
        self,
        rule: Callable[[Evaluation], Decision[Evaluation]],
        by: Caller,
        cause: str = "",
        *heard: Heard[Any],
    ) -> None:
        decision = rule(self.evaluated.state)
        asked = Asked(by, self.at, _TRACE, cause=cause)
        self.evaluated = await self._evaluations.save(self.evaluated, decision, asked, heard)

    def told(self, sent: Sent, events: Iterable[Mapping[str, Any]]) -> None:
        """What was just saved: the relay would tell it now."""
        for event in events:
            kind = every_message()[sent.sender, event["type"]]
            by = By(event["by"]["role"], event["by"]["id"])
            sent.told.append((event["n"], event["at"], by, kind.model_validate(event["data"])))

    # ------------------------------------------------------------ hearing

    async def _hear(self, sent: Sent, listener: str) -> None:
        """The next messages of one sender, in order; of what was heard already nothing is heard again."""
        reactions = _DISPATCH if listener == "dispatch" else _EVALUATION
        since = sent.heard.get(listener, 0)
        if since and self.chance.random() < 0.1:
            since -= 1  # doubled
        for n, at, by, message in sent.told:
            if n <= since or type(message) not in reactions:
                continue
            known = self.dispatched if listener == "dispatch" else self.evaluated
            if n <= known.heard.get(sent.sender, 0):
                continue
            heard: Heard[Any] = Heard(self.id, sent.sender, n, 0, at, by, "", _TRACE, message)
            rule = partial(_react, reactions[type(message)], heard)
            try:
                if listener == "dispatch":
                    await self._decide(rule, system(sent.sender), f"{sent.sender}:{n}", heard)
                else:
                    await self._judge(rule, system(sent.sender), f"{sent.sender}:{n}", heard)
            except NotYet:
                return
            sent.heard[listener] = n

    async def all_heard(self) -> None:
        for _ in range(4):
            await self._hear(self.intake, "evaluation")
            await self._hear(self.intake, "dispatch")
            await self._hear(self.dispatch, "evaluation")
            await self._hear(self.evaluation, "dispatch")

    async def some_heard(self) -> None:
        for sent, listener in (
            (self.intake, "dispatch"), (self.intake, "evaluation"), (self.dispatch, "evaluation"),
            (self.evaluation, "dispatch"),
        ):  # fmt: skip
            if self.chance.random() < 0.55:
                await self._hear(sent, listener)

    # ------------------------------------------------------------ living

    def _says(self, message: Message) -> None:
        self.intake.told.append((len(self.intake.told) + 1, self.at, _RESIDENT.by, message))

    async def begin(self) -> None:
        place = self.chance.choice(_NEAR)
        point = Place(longitude=place.longitude, latitude=place.latitude)
        urgency = self.chance.choice(_URGENCIES)
        channel, ordered_for = self.chance.choice((
            ("app", None), ("app", None), ("app", None), ("hotline", None), ("building_leader", _RESIDENT.id),
        ))  # fmt: skip
        order = OrderPlacedV2(
            kind="problem", category=self.chance.choice(CATEGORIES), title="x", place=point, urgency=urgency,
            channel=channel, ordered_for=ordered_for,
        )  # fmt: skip
        self._says(order)

    async def strike(self, name: str) -> None:
        at, asked = self.at, Asked(system("clock"), self.at, _TRACE, cause=f"clock:{name}")
        if Clock.of(name) not in (Clock.ORIGINAL, Clock.DUPLICATES):
            await self._decide(partial(_struck, name, at), system("clock"), f"clock:{name}")
            return
        decision = await among_us(
            self._dispatches, self.dispatched, name, asked, territory=lambda: _GROUND.territory, limits=LIMITS
        )
        assert decision is not None
        self.dispatched = await self._dispatches.save(self.dispatched, decision, asked, ())
        for one in self.family.members:  # which it may have changed
            if one is not self and one.dispatch.told:
                one.dispatched = await self._dispatches.peek(one.id)

    async def window_is_over(self) -> None:
        until = self.evaluated.state.until
        if until is not None and until <= self.at:
            await self._judge(partial(_lapsed, self.at), system("clock"), "clock:window")

    async def something(self) -> None:
        """Whoever asks for what is not allowed is refused, and nothing has changed."""
        if self.chance.random() < 0.08:
            return await self._resident_says()
        if self.dispatched.state.state is _S.CLOSED and self.chance.random() < 0.25:
            number = self.dispatched.state.reopenings + 1
            return self._says(OrderReopenedV1(number=number, reason="came_back"))
        if self.evaluated.state.state is EvaluationState.OPEN and self.chance.random() < 0.6:
            with suppress(StrangerMayNotEvaluate):  # nobody may, of what the hotline took
                return await self._verdict()
        next = _NEXT.get(self.dispatched.state.state, ())
        name = (
            self.chance.choice(next) if next and self.chance.random() < 0.6 else self.chance.choice(_LIKELY)
        )
        by = self.chance.choice((_DISTRICT, _COLLEAGUE))
        officer = self.chance.choice(_OFFICERS)
        who = officer if name.startswith("referral/a") else by
        others = [one for one in self.family.members if one is not self]
        try:
            if others and self.chance.random() < 0.2:
                rule = self._repeats(self.chance.choice(others), by)
            else:
                rule = _ask(name, by, officer, self.at, self.chance)
            await self._decide(rule, who, "request:1")
        except RuleBroken:
            return None

    def _repeats(self, other: Life, by: Caller) -> Callable[[Dispatch], Decision[Dispatch]]:
        """It is bound to another one, that may be bound to it. Raises UnknownOriginal."""
        original, at = other.dispatched.state, self.at
        if not can_be_repeated(original, at=at, limits=LIMITS):
            raise UnknownOriginal
        first = CloseDispatch(outcome="duplicate", public_note="again", duplicate_of=other.id)
        return lambda it: close(it, first, original=original, by=by, at=at, limits=LIMITS)

    async def _resident_says(self) -> None:
        match self.chance.randrange(7):
            case 0:
                self._says(OrderWithdrawnV1(reason="x"))
            case 1:
                self._says(QuestionAnsweredV1(number=1))
            case what:
                place = self.chance.choice(_NEAR)
                point = Place(longitude=place.longitude, latitude=place.latitude)
                category = self.chance.choice(CATEGORIES)
                if what < 5:
                    return self._says(OrderAmendedV1(category=category, place=point, reason="x"))
                urgency = self.chance.choice(_URGENCIES)
                self.family.at += timedelta(milliseconds=1)  # after all that was said before
                self._says(OrderAmendedV2(category=category, place=point, reason="x", urgency=urgency))
                # Of a limit that it moves nobody is told, so it has to be known when it was heard.
                await self._hear(self.intake, "dispatch")
        return None

    async def _verdict(self) -> None:
        verdict = self.chance.choice(list(Verdict))
        reason = "bad" if verdict is Verdict.UNSATISFIED else None
        said = GiveVerdict(verdict=verdict, result=3, speed=3, manner=3, reason=reason)
        now = self.at
        await self._judge(lambda it: evaluate(it, said, by=_RESIDENT, at=now), _RESIDENT, "request:2")


async def live(family: Family, chance: random.Random) -> None:
    """All of a family, until all is heard."""
    for one in family.members:
        await one.begin()
    family.at += timedelta(milliseconds=chance.choice((30, 200, 200, 7_200_000)))
    for one in family.members:
        await one._hear(one.intake, "dispatch")
    for _ in range(chance.randrange(LONGEST) * len(family.members)):
        await _time_passes(family, chance)
        one = chance.choice(family.members)
        await one.something()
        for each in family.members:
            await each.some_heard()
    for _ in range(4):
        for one in family.members:
            await one.all_heard()
        await _clocks_strike(family, chance, family.at)
    for one in family.members:
        await one.all_heard()


async def _time_passes(family: Family, chance: random.Random) -> None:
    """Some minutes, hours or days; whatever clock strikes meanwhile, strikes a moment late."""
    hours = chance.choice((0.02, 0.1, 0.5, 0.9, 3.0, 20.0, 60.0, 300.0)) * chance.uniform(0.5, 1)
    then = await _clocks_strike(family, chance, _ms(family.at + timedelta(hours=hours)))
    family.at = max(family.at, then)
    for one in family.members:
        await one.window_is_over()


async def _clocks_strike(family: Family, chance: random.Random, then: datetime) -> datetime:
    """All that end until then. After a long silence it is only so late: returns until when."""
    for strikes in count():
        due = min(
            ((end, n, name) for n, one in enumerate(family.members) for name, end in one.dispatched.state.due.items()),
            default=None,
        )  # fmt: skip
        if strikes > _STRIKES * len(family.members):
            then = family.at
        if due is None or due[0] > max(then, family.at):
            break
        end, n, name = due
        family.at = max(family.at, _ms(end + timedelta(milliseconds=chance.randrange(0, 3000))))
        await family.members[n].strike(name)
    return then


def _ask(
    name: str, by: Caller, officer: Caller, at: datetime, chance: random.Random
) -> Callable[[Dispatch], Decision[Dispatch]]:
    match name:
        case "referral/accepted":
            return lambda it: respond(it, AnswerReferral(accepted=True), by=officer, at=at, limits=LIMITS)
        case "check/failed":
            return lambda it: check(
                it, CheckWork(passed=False, public_note="no"), by=by, at=at, limits=LIMITS
            )
        case "succession":
            return lambda it: succeed(it, "sewage", "urban_management")
        case "closure" if chance.random() < 0.5:
            end = CloseDispatch(outcome="out_of_remit", public_note="not ours", rule="§ 2")
            return lambda it: close(it, end, by=by, at=at, limits=LIMITS)
        case _:
            return commands(by, officer, at)[name]


def _react(reaction: Reaction, heard: Heard[Any], it: Any) -> Decision[Any]:
    return reaction(it, heard)


def _struck(name: str, at: datetime, it: Dispatch) -> Decision[Dispatch]:
    return strike(it, name, at, limits=LIMITS)


def _lapsed(at: datetime, it: Evaluation) -> Decision[Evaluation]:
    return strike_evaluation(it, "window", at)


def _ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


_GROUND = Settings().first_ground()
_DISPATCH = heard_by_dispatch(lambda: _GROUND, LIMITS)
_EVALUATION = heard_by_evaluation(_WINDOW)


def time_to_answer(unit: str, urgency: str, category: str, since: datetime) -> datetime:
    """Until when a level, or a department, has to answer what it is asked then."""
    if unit in tuple(Level):
        return Unit("", Level(unit)).term(urgency, category, since, LIMITS).end
    department = _GROUND.department(unit)
    return (
        Unit(unit, None, department.answer_limit if department else None)
        .term(urgency, category, since, LIMITS)
        .end
    )
