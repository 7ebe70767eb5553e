"""Deliberation: the households discuss a proposal, round by round, and agree to a share each, or not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.money import Money, equal_shares
from services.dispatch.domain.record import Consent, Household, Round
from services.dispatch.domain.words import Flat, Reason
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch.round_closed import RoundClosedV1
from shared.contracts.from_dispatch.round_opened import RoundOpenedV1
from shared.contracts.message import Fen
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, RuleBroken


class SharesPassCost(RuleBroken):
    """The households would pay more than the matter costs."""


class SubsidiesPassCost(RuleBroken):
    """Shares and subsidies together are more than the matter costs."""


class TooManyRounds(RuleBroken):
    """There were enough rounds; another way out is needed."""


class RoundIsClosed(RuleBroken):
    """The result of this round stands."""


class UnknownHousehold(RuleBroken):
    """This household takes no part in the round."""


class HouseholdIn(Command):
    """`share` in fen; only of a custom allocation."""

    id: Flat
    share: Fen | None = None


class OpenRound(Command):
    """`equal` divides `to_share` (fen; left out, the whole cost) among all; `custom` names each one's share."""

    proposal: Reason
    cost: Annotated[int, Field(gt=0, le=2**53)]
    allocation: Literal["equal", "custom"] = "equal"
    to_share: Fen | None = None
    households: Annotated[tuple[HouseholdIn, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({household.id for household in self.households}) < len(self.households):
            raise ValueError("a household is named twice")
        named = [household.share is not None for household in self.households]
        if self.allocation == "custom" and (not all(named) or self.to_share is not None):
            raise ValueError("a custom allocation names every share, and nothing else")
        if self.allocation == "equal" and any(named):
            raise ValueError("equal shares are computed, not named")
        return self

    def shares(self) -> tuple[Household, ...]:
        """Every household with what it would pay."""
        if self.allocation == "equal":
            to_share = self.cost if self.to_share is None else self.to_share
            amounts = equal_shares(to_share, len(self.households))
        else:
            amounts = tuple(household.share or 0 for household in self.households)
        pairs = zip(self.households, amounts, strict=True)
        return tuple(Household(id=household.id, share=share) for household, share in pairs)


class ConsentIn(Command):
    household: Flat
    consent: Consent


class CloseRound(Command):
    """A household that is not named was silent. `subsidies` in fen, from whatever public purse."""

    consents: Annotated[tuple[ConsentIn, ...], Field(max_length=500)]
    subsidies: Fen = 0

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len({one.household for one in self.consents}) < len(self.consents):
            raise ValueError("a household is named twice")
        return self


def propose(
    dispatch: Dispatch, command: OpenRound, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Put a proposal to the households. After a round that failed the next one may propose something else.

    Raises RoundIsOpen, SharesPassCost, TooManyRounds.
    """
    must_see(dispatch, by)
    households = command.shares()
    if dispatch.open_round is not None and _same(dispatch.open_round, command, households):
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.ASSIGNED,
        DispatchState.IN_HANDLING,
        DispatchState.DEADLOCKED,
        DispatchState.IN_DELIBERATION,
    )
    must_answer(dispatch, by, least=Level.COMMUNITY)
    dispatch.must_have_no_open_round()
    if len(dispatch.rounds) >= limits.rounds:
        raise TooManyRounds(f"There were {len(dispatch.rounds)} rounds.")
    total = sum(household.share for household in households)
    if total > command.cost:
        raise SharesPassCost(f"{total} of {command.cost} fen", cost=command.cost, shares=total)
    opened = Round(
        number=len(dispatch.rounds) + 1,
        proposal=command.proposal,
        cost=command.cost,
        allocation=command.allocation,
        households=households,
        opened_at=at,
    )
    talking = dispatch.moved(
        DispatchState.IN_DELIBERATION,
        rounds=(*dispatch.rounds, opened),
        level=at_least(dispatch.level, Level.COMMUNITY),
    )
    told = RoundOpenedV1(
        number=opened.number,
        proposal=opened.proposal,
        cost=opened.cost,
        allocation=opened.allocation,
        households=len(households),
    )
    return decided(talking, told)


def settle(
    dispatch: Dispatch, number: int, command: CloseRound, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Write down who consented. Agreed shares bind; a round that failed changes nothing about the money.

    When nothing is missing after it, the unit goes on by itself; otherwise the gap waits for partners, or for the
    next round. Raises NotFound, RoundIsClosed, UnknownHousehold, SubsidiesPassCost.
    """
    must_see(dispatch, by)
    if not 1 <= number <= len(dispatch.rounds):
        raise NotFound
    said = {one.household: one.consent for one in command.consents}
    closed = _with_result(dispatch.rounds[number - 1], said, command.subsidies, at, limits)
    before = dispatch.rounds[number - 1]
    if not before.is_open:
        if before.model_copy(update={"closed_at": None}) == closed.model_copy(update={"closed_at": None}):
            return unchanged(dispatch)
        raise RoundIsClosed(f"Round {number} is closed.", agreed=before.agreed)
    dispatch.must_be(DispatchState.IN_DELIBERATION)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    gap = closed.cost - closed.shares - closed.subsidies
    if gap < 0:
        raise SubsidiesPassCost(f"{-gap} fen too much", cost=closed.cost, shares=closed.shares)
    dispatch = dispatch.but(rounds=(*dispatch.rounds[:-1], closed))
    if closed.agreed:
        agreed = Money(cost=closed.cost, shares=closed.shares, subsidies=closed.subsidies)
        dispatch = dispatch.but(money=agreed)
        if not agreed.gap:
            dispatch = dispatch.moved(DispatchState.IN_HANDLING, handled_by=dispatch.level.of(dispatch.area))
    told = RoundClosedV1(
        number=number,
        agreed=closed.agreed,
        cost=closed.cost,
        shares=closed.shares,
        subsidies=closed.subsidies,
        gap=gap,
        consenting=sum(household.consent is Consent.YES for household in closed.households),
        households=len(closed.households),
    )
    return decided(dispatch, told)


def is_agreed(households: tuple[Household, ...], limits: Limits) -> bool:
    """Enough of the households said anything, and enough of those said yes."""
    yes = sum(household.consent is Consent.YES for household in households)
    heard = yes + sum(household.consent is Consent.NO for household in households)
    return yes > 0 and heard >= limits.quorum * len(households) and yes >= limits.threshold * heard


def _with_result(
    opened: Round, said: dict[str, Consent], subsidies: int, at: datetime, limits: Limits
) -> Round:
    unknown = said.keys() - {household.id for household in opened.households}
    if unknown:
        raise UnknownHousehold(", ".join(sorted(unknown)))
    households = tuple(
        household.model_copy(update={"consent": said.get(household.id, Consent.SILENT)})
        for household in opened.households
    )
    return opened.model_copy(
        update={
            "households": households,
            "closed_at": at,
            "agreed": is_agreed(households, limits),
            "shares": sum(one.share for one in households if one.consent is Consent.YES),
            "subsidies": subsidies,
        }
    )


def _same(opened: Round, command: OpenRound, households: tuple[Household, ...]) -> bool:
    return (opened.proposal, opened.cost, opened.allocation, opened.households) == (
        command.proposal,
        command.cost,
        command.allocation,
        households,
    )
