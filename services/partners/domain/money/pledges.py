"""What becomes of a pledge: confirmed, received, returned. No money moves here; what happened is written down.

The promise itself is the claim. Who receives writes it down, so the partner confirms, and the staff of the community
receive and return. A line of the record is never changed; the figures are counted from claims and record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.partners.domain.call import Call, Deed, Written
from services.partners.domain.claim import FUNDS, Claim, Digest, Epoch, Pledged
from services.partners.domain.claims.claiming import WantedLine
from services.partners.domain.claims.holding import held_by
from services.partners.domain.money.refusals import (
    DayIsAhead,
    DayIsBefore,
    NotPledged,
    OwnPledge,
    PledgeIsOver,
    ReceiptPassesPledge,
    RecordIsFull,
    ReferenceIsKnown,
    ReturnPassesReceipt,
)
from services.partners.domain.states import ENDED, ClaimState
from services.partners.domain.terms import Terms
from shared.caller import Caller
from shared.command import READ_IN_PUBLIC, Command, Day, Note
from shared.contracts.from_partners import PledgeReceivedV1, PledgeReturnedV1
from shared.contracts.message import mask, names_nobody
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound

Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/.-]{0,39}$"), AfterValidator(names_nobody)
]


class ConfirmPledge(Command):
    """The money that was pledged stands ready."""

    epoch: Epoch


class RecordReceipt(WantedLine):
    """So much of a line has come in: `day`, the number of the paper, and the paper by its digest if there is one."""

    day: Day
    reference: Reference
    document: Digest | None = None


class RecordReturn(RecordReceipt):
    """So much of what had come in went back, or had been written down by mistake."""

    reason: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]


@dataclass(frozen=True, slots=True)
class Figures:
    """Fen of one claim, or of several. What a claim that ended without fulfilment had received, is owed back."""

    promised: int = 0
    confirmed: int = 0
    paid: int = 0
    returned: int = 0
    owed: int = 0

    @classmethod
    def of(cls, call: Call, claim: Claim) -> Self:
        """`promised` and `confirmed` count only while the claim holds its lines, or has fulfilled them."""
        mine = [one for one in call.record if one.claim_id == claim.claim_id and one.kind == FUNDS]
        confirmed, paid, returned = (
            sum(one.amount for one in mine if one.deed is deed)
            for deed in (Deed.CONFIRMED, Deed.RECEIVED, Deed.RETURNED)
        )
        if claim.state in ENDED or claim.round != call.round:
            fulfilled = claim.state is ClaimState.FULFILLED
            return cls(paid=paid, returned=returned, owed=0 if fulfilled else paid - returned)
        promised = sum(line.amount for line in claim.lines if line.kind == FUNDS)
        return cls(promised=promised, confirmed=confirmed, paid=paid, returned=returned)

    @classmethod
    def together(cls, some: Iterable[Self]) -> Self:
        """All of them as one."""
        columns = zip(
            *((one.promised, one.confirmed, one.paid, one.returned, one.owed) for one in some), strict=True
        )
        return cls(*map(sum, columns))


def confirm(
    call: Call, claim_id: UUID, command: ConfirmPledge, *, partner_id: UUID, at: datetime, by: Caller
) -> Decision[Call]:
    """The partner says that the money it pledged stands ready, all of it."""
    held = held_by(call, claim_id, command.epoch, partner_id)
    funds = [line for line in held.lines if line.kind == FUNDS]
    if not funds:
        raise NotPledged("no funds", **call.now())
    if any(one.claim_id == claim_id and one.deed is Deed.CONFIRMED for one in call.record):
        return unchanged(call)
    said = [_written(Deed.CONFIRMED, held, line, line.amount, at, by) for line in funds]
    return decided(call.with_claim(held.acted_on(by.id)).but(record=(*call.record, *said)))


def receive(
    call: Call, claim_id: UUID, command: RecordReceipt, *, by: Caller, at: datetime, terms: Terms
) -> Decision[Call]:
    """Money was paid, goods or hours have come in, never more than was pledged → `pledge_received`.

    Also when the work is accepted: some pay in the end.
    """
    claim, line = _pledged(call, claim_id, command.name, by)
    deed = _of_paper(Deed.RECEIVED, claim, line, command, at, by)
    if _is_known(call, deed):
        return unchanged(call)
    if claim.state in ENDED:
        raise PledgeIsOver(f"the claim is {claim.state.value}", **call.now())
    due = line.amount - net(call, claim_id, line.name)
    if command.amount > due:
        raise ReceiptPassesPledge(f"{due} of {line.amount} are due", due=due, **call.now())
    told = PledgeReceivedV1(**_about(claim, line), amount=command.amount)
    return _with(call, claim, deed, told, at, terms)


def give_back(
    call: Call, claim_id: UUID, command: RecordReturn, *, by: Caller, at: datetime, terms: Terms
) -> Decision[Call]:
    """What had come in went back, wholly or in part; also after the end → `pledge_returned`."""
    claim, line = _pledged(call, claim_id, command.name, by)
    deed = _of_paper(Deed.RETURNED, claim, line, command, at, by).but(reason=mask(command.reason))
    if _is_known(call, deed):
        return unchanged(call)
    held = net(call, claim_id, line.name)
    if command.amount > held:
        raise ReturnPassesReceipt(f"{held} are there", received=held, **call.now())
    told = PledgeReturnedV1(**_about(claim, line), amount=command.amount, reason=deed.reason)
    return _with(call, claim, deed, told, at, terms, settles=command.amount == held)


def net(call: Call, claim_id: UUID, name: str) -> int:
    """How much of a line of a claim has come in and did not go back."""
    mine = (one for one in call.record if one.claim_id == claim_id and one.line == name)
    return sum(one.received for one in mine)


def _pledged(call: Call, claim_id: UUID, name: str, by: Caller) -> tuple[Claim, Pledged]:
    """Of anybody's claim, for the staff of the area who did not act for it. Raises NotFound, OwnPledge, NotPledged."""
    claim = next((one for one in call.claims if one.claim_id == claim_id), None)
    if claim is None or not call.is_seen_by(by):
        raise NotFound
    if by.id in claim.people:
        raise OwnPledge
    line = next((one for one in claim.lines if one.name == name), None)
    if line is None:
        raise NotPledged(name, **call.now())
    return claim, line


def _of_paper(
    deed: Deed, claim: Claim, line: Pledged, command: RecordReceipt, at: datetime, by: Caller
) -> Written:
    paper = {"day": command.day, "reference": command.reference, "document": command.document or ""}
    return _written(deed, claim, line, command.amount, at, by).but(**paper)


def _written(deed: Deed, claim: Claim, line: Pledged, amount: int, at: datetime, by: Caller) -> Written:
    return Written(
        deed=deed, claim_id=claim.claim_id, line=line.name, kind=line.kind, amount=amount, at=at, by=by.id
    )


def _about(claim: Claim, line: Pledged) -> dict[str, Any]:
    """What is told of a deed: whose it is, and what of."""
    whose = {"claim_id": claim.claim_id, "partner_id": claim.partner_id, "partner_name": claim.partner_name}
    return {**whose, "kind": line.kind, "unit": line.unit}


def _is_known(call: Call, deed: Written) -> bool:
    """Raises ReferenceIsKnown when the paper stands for something else."""
    for one in call.record:
        if one.reference == deed.reference:
            if one.stands_for(deed):
                return True
            raise ReferenceIsKnown(deed.reference, **call.now())
    return False


def _with(
    call: Call,
    claim: Claim,
    deed: Written,
    told: PledgeReceivedV1 | PledgeReturnedV1,
    at: datetime,
    terms: Terms,
    *,
    settles: bool = False,
) -> Decision[Call]:
    tomorrow = at.date() + timedelta(days=1)  # a day of grace: `at` is UTC, the day meant may be another
    if deed.day is not None and deed.day > tomorrow:
        raise DayIsAhead(str(deed.day), **call.now())
    if deed.day is not None and deed.day < claim.at.date() - timedelta(days=1):
        raise DayIsBefore(str(deed.day), **call.now())
    # What is all of it always fits: nothing stays owed for want of room.
    if len(call.record) >= terms.record_most and not settles:
        raise RecordIsFull(**call.now())
    return decided(call.but(record=(*call.record, deed)), told)
