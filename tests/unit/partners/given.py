"""Calls, partners and messages that the tests begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.partners import clock
from services.partners.domain.call import Call
from services.partners.domain.calls import calling
from services.partners.domain.calls.calling import expire
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.claiming import ClaimCall, ReleaseClaim, WantedLine, claim, release
from services.partners.domain.claims.takeover import Able, anybody
from services.partners.domain.matching.offering import DeclineOffer, Rank, decline, nobody
from services.partners.domain.money.pledges import (
    ConfirmPledge,
    RecordReceipt,
    RecordReturn,
    confirm,
    give_back,
    receive,
)
from services.partners.domain.registry.partner import Partner, PartnerKind
from services.partners.domain.registry.resource import Name
from services.partners.domain.standing import appeals
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.domain.works.working import (
    DeliverWork,
    ReportProgress,
    SubmitPlan,
    deliver,
    plan,
    progress,
)
from shared.caller import By, Caller, Role
from shared.contracts.from_dispatch import CallChangedV1, CallWithdrawnV1, DispatchClosedV1, WorkCheckedV1
from shared.contracts.from_dispatch.works import (
    NeedLine,
    NeedLineV2,
    PartnersCalledV1,
    PartnersCalledV2,
)
from shared.contracts.from_evaluation.evaluations import WorkEvaluatedV1
from shared.contracts.message import Heard, Message
from shared.entry import Decision

M = TypeVar("M", bound=Message)

ORDER = UUID("01900000-0000-7000-8000-00000000aaaa")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
UNTIL = NOW + timedelta(days=10)
TERMS = Terms(cool_down=timedelta(0))  # who waits how long is for the tests of limits
AREA = "370203/370203014/370203014008/06"
SEWAGE = (("money", "funds", 600_000), ("pipe", "goods", 12))  # a gap of 6,000 yuan, and 12 m of pipe


def partner(number: int) -> Partner:
    return Partner(
        id=UUID(int=number),
        kind=PartnerKind.COMPANY,
        name=Name(zh=f"合伙人{number}", en=f"Partner {number}"),
        areas=("370203",),
    )


FIRST, SECOND, THIRD = partner(1), partner(2), partner(3)


def member(of: Partner) -> Caller:
    return Caller(f"member-of-{of.id.int}", Role.PARTNER, partner=str(of.id))


def called(
    *lines: tuple[str, str, int],
    round: int = 1,
    exclusive: bool = False,
    offered_to: tuple[Partner, ...] = (),
    until: datetime = UNTIL,
    shares: int = 150_000,
    subsidies: int = 50_000,
    cost: int | None = None,
) -> PartnersCalledV1:
    """The call of dispatch. Its cost adds up unless another is given."""
    needs = lines or SEWAGE
    funds = sum(amount for _, kind, amount in needs if kind == "funds")
    return PartnersCalledV1(
        round=round,
        title="下水管道破裂",
        category="sewage_pipe",
        area=AREA,
        lines=tuple(
            [
                NeedLine.model_validate(
                    {"name": n, "kind": k, "amount": a, "unit": "fen" if k == "funds" else "m"}
                )
                for n, k, a in needs
            ]
        ),
        exclusive=exclusive,
        offered_to=tuple([str(one.id) for one in offered_to]),
        until=until,
        cost=funds + shares + subsidies if cost is None else cost,
        shares=shares,
        subsidies=subsidies,
    )


def heard(data: M, *, sender: str = "dispatch", n: int = 1, at: datetime = NOW) -> Heard[M]:
    return Heard(ORDER, sender, n, n - 1, at, By("system", sender), f"{sender}:{n}", "", data)


def open_call(
    call: Call, said: PartnersCalledV1 | PartnersCalledV2, *, at: datetime, terms: Terms, rank: Rank = nobody
) -> Decision[Call]:
    return calling.open_call(call, heard(said, at=at), terms=terms, rank=rank)


def withdraw(call: Call, *, round: int, at: datetime) -> Decision[Call]:
    return calling.withdraw(call, heard(CallWithdrawnV1(round=round), at=at))


def close(call: Call, *, outcome: str, at: datetime) -> Decision[Call]:
    return calling.close(call, heard(DispatchClosedV1(outcome=outcome, in_time=True), at=at))


def note_verdict(call: Call, *, n: int, verdict: str, at: datetime) -> Decision[Call]:
    said = WorkEvaluatedV1(verdict=verdict, result=3, speed=3, manner=3, round=1)
    return appeals.note_verdict(call, heard(said, sender="evaluation", n=n, at=at))


def open_to_partners(*lines: tuple[str, str, int], **how: Any) -> Call:
    return open_call(Call(), called(*lines, **how), at=NOW, terms=TERMS).state


def pledge(**amounts: int) -> ClaimCall:
    return ClaimCall(lines=tuple([WantedLine(name=name, amount=amount) for name, amount in amounts.items()]))


def asking(
    call: Call, by: Partner, wanted: Mapping[str, int], *, at: datetime = LATER, terms: Terms = TERMS
) -> Decision[Call]:
    return claim(
        call, pledge(**wanted), order_id=ORDER, by=Claimant(by, person=member(by).id), at=at, terms=terms
    )


def claiming(call: Call, by: Partner, **amounts: int) -> Decision[Call]:
    return asking(call, by, amounts)


def taking_all(call: Call, by: Partner) -> Decision[Call]:
    return asking(call, by, {name: amount for name, amount in call.missing().items() if amount})


def held_by(call: Call, by: Partner) -> Claim:
    """The partner's latest claim."""
    return [one for one in call.claims if one.partner_id == by.id][-1]


def releasing(call: Call, by: Partner, *, at: datetime = LATER, epoch: int | None = None) -> Decision[Call]:
    held = held_by(call, by)
    command = ReleaseClaim(reason="our builders are ill", epoch=epoch or held.epoch)
    return release(call, held.claim_id, command, partner_id=by.id, at=at, terms=TERMS)


def planning(
    call: Call, by: Partner, text: str = "dig, lay, close", epoch: int | None = None
) -> Decision[Call]:
    held = held_by(call, by)
    command = SubmitPlan(plan=text, starts=date(2026, 3, 3), ends=date(2026, 3, 9), epoch=epoch or held.epoch)
    return plan(call, held.claim_id, command, partner_id=by.id, person=member(by).id, at=LATER, terms=TERMS)


def reporting(call: Call, by: Partner, percent: int = 40, epoch: int | None = None) -> Decision[Call]:
    held = held_by(call, by)
    command = ReportProgress(public_note="the trench is dug", percent=percent, epoch=epoch or held.epoch)
    return progress(
        call, held.claim_id, command, partner_id=by.id, person=member(by).id, at=LATER, terms=TERMS
    )


def delivering(call: Call, by: Partner, epoch: int | None = None) -> Decision[Call]:
    held = held_by(call, by)
    command = DeliverWork(public_note="it works", epoch=epoch or held.epoch)
    return deliver(
        call, held.claim_id, command, partner_id=by.id, person=member(by).id, at=LATER, terms=TERMS
    )


def back_to_work(call: Call, *, at: datetime = LATER, terms: Terms = TERMS) -> Decision[Call]:
    return calling.back_to_work(call, heard(WorkCheckedV1(passed=False), at=at), terms=terms)


def strike(
    call: Call, name: str, at: datetime, *, terms: Terms = TERMS, able: Able = anybody
) -> Decision[Call]:
    return clock.strike(call, name, at, terms=terms, able=able)


def changing(
    call: Call,
    *more: tuple[str, str, int],
    number: int | None = None,
    until: datetime = UNTIL,
    at: datetime = LATER,
) -> Decision[Call]:
    """Dispatch asks for what there is and for more: of a line that there is, or a line besides."""
    add = {name: amount for name, _, amount in more}
    lines = [
        NeedLineV2(name=line.name, kind=line.kind, amount=line.amount + add.pop(line.name, 0), unit=line.unit)  # type: ignore[arg-type]
        for line in call.lines
    ]
    lines += [
        NeedLineV2.model_validate({"name": name, "kind": kind, "amount": amount})
        for name, kind, amount in more
        if name in add
    ]
    said = CallChangedV1(
        round=max(call.round, 1), change=number or call.changes + 1, lines=tuple(lines), until=until
    )
    return calling.change(call, heard(said, at=at), terms=TERMS)


COMMUNITY = Caller("community-yichun", Role.COMMUNITY, area=AREA[:29])


def confirming(call: Call, by: Partner, epoch: int | None = None) -> Decision[Call]:
    held = held_by(call, by)
    command = ConfirmPledge(epoch=epoch or held.epoch)
    return confirm(call, held.claim_id, command, partner_id=by.id, at=LATER, by=member(by))


def receiving(
    call: Call, of: Partner, amount: int = 1000, *, name: str = "money", reference: str = "R-1", **how: Any
) -> Decision[Call]:
    """The staff write down what came in on the partner's latest claim."""
    command = RecordReceipt(name=name, amount=amount, day=how.pop("day", NOW.date()), reference=reference)
    claim_id = how.pop("claim_id", None) or held_by(call, of).claim_id
    return receive(call, claim_id, command, **{"by": COMMUNITY, "at": LATER, "terms": TERMS, **how})


def returning(
    call: Call, of: Partner, amount: int = 1000, *, name: str = "money", reference: str = "B-1", **how: Any
) -> Decision[Call]:
    command = RecordReturn(
        name=name, amount=amount, day=NOW.date(), reference=reference, reason=how.pop("reason", "it gave up")
    )
    claim_id = how.pop("claim_id", None) or held_by(call, of).claim_id
    return give_back(call, claim_id, command, **{"by": COMMUNITY, "at": LATER, "terms": TERMS, **how})


def call_in(state: CallState) -> Call:
    """A call in a state, with a claim of the first partner; with none in `blank`."""
    if state is CallState.BLANK:
        return Call()
    half = claiming(open_to_partners(), FIRST, money=300_000).state
    covered = taking_all(open_to_partners(), FIRST).state
    delivered = delivering(covered, FIRST).state
    return {
        CallState.OPEN: half,
        CallState.COVERED: covered,
        CallState.IN_WORK: reporting(covered, FIRST).state,
        CallState.DELIVERED: delivered,
        CallState.ACCEPTED: close(delivered, outcome="solved", at=LATER).state,
        CallState.WITHDRAWN: withdraw(covered, round=1, at=LATER).state,
        CallState.EXPIRED: expire(half, UNTIL).state,
    }[state]


def declining(call: Call, by: Partner) -> Decision[Call]:
    command = DeclineOffer(reason="our builders are ill")
    return decline(call, command, partner_id=by.id, at=LATER, terms=TERMS, rank=nobody)


__all__ = [
    "asking", "back_to_work", "call_in", "called", "changing", "claiming", "close", "confirming", "declining",
    "delivering", "expire", "heard", "held_by", "member", "note_verdict", "open_call",
    "open_to_partners", "partner", "planning", "pledge", "receiving", "releasing", "reporting", "returning",
    "strike", "taking_all", "withdraw",
]  # fmt: skip
