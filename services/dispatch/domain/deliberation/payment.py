"""What households have paid of their shares: promised and collected are kept apart.

No money moves here. A payment is written down with the number of its receipt, and nothing that was written is changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.deliberation.consent import UnknownHousehold
from services.dispatch.domain.deliberation.record import Payment
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.words import Flat
from shared.caller import Caller
from shared.command import Command
from shared.contracts.message import names_nobody
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken, WrongState

Receipt = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/.-]{0,39}$"), AfterValidator(names_nobody)
]


class NoSharesBind(RuleBroken):
    """No household is bound to pay anything."""


class PaymentPassesShare(RuleBroken):
    """The household would have paid more than its share."""


class ReturnPassesPayment(RuleBroken):
    """The household would get back more than it has paid."""


class ReceiptIsKnown(RuleBroken):
    """This receipt stands for another payment."""


class TooManyPayments(RuleBroken):
    """There are enough payments on this order."""


class RecordPayment(Command):
    """`fen` that the household has paid, or that was returned to it; `receipt`: the number of the paper."""

    household: Flat
    fen: Annotated[int, Field(gt=0, le=2**53)]
    receipt: Receipt


def pay(
    dispatch: Dispatch, command: RecordPayment, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """A household has paid a part of its share or all of it; never more.

    Raises RoundIsOpen, OnNotice, NoSharesBind, UnknownHousehold, PaymentPassesShare, ReceiptIsKnown, TooManyPayments.
    """
    must_see(dispatch, by)
    payment = _payment(command, by, at)
    if _is_known(dispatch, payment):
        return unchanged(dispatch)
    if dispatch.state is DispatchState.CLOSED:  # who pays while the matter is paused has paid
        raise WrongState(f"The dispatch is {dispatch.state}.", state=dispatch.state.value)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    dispatch.must_not_be_discussed()  # what it owes may be another sum soon
    bound = dispatch.bound_round
    if bound is None:
        raise NoSharesBind
    shares = {one.id: one.share for one in bound.households if one.consents}
    if command.household not in shares:
        raise UnknownHousehold(command.household)
    share, paid = shares[command.household], dispatch.paid(command.household)
    if paid + command.fen > share:
        raise PaymentPassesShare(f"{share - paid} of {share} fen are due", share=share, paid=paid)
    return _with(dispatch, payment, limits)


def pay_back(
    dispatch: Dispatch, command: RecordPayment, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """What a household has paid was returned to it, wholly or in part; also after the end.

    Raises ReturnPassesPayment, ReceiptIsKnown, TooManyPayments.
    """
    must_see(dispatch, by)
    payment = _payment(command, by, at, returned=True)
    if _is_known(dispatch, payment):
        return unchanged(dispatch)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    paid = dispatch.paid(command.household)
    if command.fen > paid:
        raise ReturnPassesPayment(f"{paid} fen are paid", paid=paid)
    return _with(dispatch, payment, limits)


def _payment(command: RecordPayment, by: Caller, at: datetime, *, returned: bool = False) -> Payment:
    return Payment(**command.model_dump(), returned=returned, at=at, recorded_by=by.id)


def _is_known(dispatch: Dispatch, payment: Payment) -> bool:
    """Raises ReceiptIsKnown when the receipt stands for something else."""
    for one in dispatch.payments:
        if one.receipt == payment.receipt:
            if one.stands_for(payment):
                return True
            raise ReceiptIsKnown(payment.receipt)
    return False


def _with(dispatch: Dispatch, payment: Payment, limits: Limits) -> Decision[Dispatch]:
    if len(dispatch.payments) >= limits.payments:
        raise TooManyPayments(f"There are {len(dispatch.payments)}.")
    return decided(dispatch.but(payments=(*dispatch.payments, payment)))
