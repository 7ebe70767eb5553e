"""Deliberation: a proposal is put to the households, round by round, with what each of them would pay."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.dispatch.domain.clocks.limits import Limits, chosen_end
from services.dispatch.domain.deliberation.allocation import WHOLE, allocate, with_hardship
from services.dispatch.domain.deliberation.record import Household, Round
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.record import DocumentIn, documents_of
from services.dispatch.domain.states import WITH_A_UNIT, Clock, DispatchState, Level
from services.dispatch.domain.words import Flat, Noted, PublicReason
from shared.caller import Caller
from shared.command import Command, Time
from shared.contracts.from_dispatch import RoundOpenedV1
from shared.contracts.message import Fen
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class SharesPassCost(RuleBroken):
    """The households would pay more than the matter costs."""


class TooManyRounds(RuleBroken):
    """There were enough rounds; another way out is needed."""


class SharesArePaid(RuleBroken):
    """Households have paid; return it to them before they discuss anew."""


class RoundEndOutOfRange(RuleBroken):
    """A round ends in the future, and not later than its longest time allows."""


class HouseholdIn(Command):
    """`share` (fen), `area` (m²) or `use` (units), whichever the allocation goes by; `pays`: per cent, in hardship."""

    id: Flat
    share: Fen | None = None
    area: Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)] | None = None
    use: Annotated[int, Field(ge=0, le=10**9)] | None = None
    pays: Annotated[int, Field(ge=0, le=WHOLE)] = WHOLE


# What each household names, by the rule of allocation.
NAMED = {"equal": None, "by_area": "area", "by_use": "use", "custom": "share"}


class OpenRound(Noted):
    """`to_share` (fen; left out, the whole cost) is divided by the rule; a `custom` allocation names each share.

    What a household in hardship does not pay is borne by the `others` by the same rule, or by a `subsidy`.
    """

    proposal: PublicReason
    cost: Annotated[int, Field(gt=0, le=2**53)]
    allocation: Literal["equal", "by_area", "by_use", "custom"] = "equal"
    to_share: Fen | None = None
    households: Annotated[tuple[HouseholdIn, ...], Field(min_length=1, max_length=500)]
    exemptions: Literal["others", "subsidy"] = "others"
    documents: Annotated[tuple[DocumentIn, ...], Field(max_length=20)] = ()
    until: Time | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({household.id for household in self.households}) < len(self.households):
            raise ValueError("a household is named twice")
        wanted = NAMED[self.allocation]
        for household in self.households:
            named = {name for name in ("share", "area", "use") if getattr(household, name) is not None}
            if named != ({wanted} if wanted else set()):
                raise ValueError(f"an allocation that is {self.allocation} names {wanted or 'nothing else'}")
        if self.allocation == "custom":
            if self.to_share is not None or any(one.pays != WHOLE for one in self.households):
                raise ValueError("a custom allocation names every share, and nothing else")
        else:
            self.shares()  # raises when nobody is left to bear it
        return self

    def shares(self) -> tuple[Household, ...]:
        """Every household with what it would pay, and what a subsidy would bear for it."""
        weights, pays = self._weights(), [household.pays for household in self.households]
        if self.allocation == "custom":
            whole: tuple[int, ...] = tuple(household.share or 0 for household in self.households)
        else:
            to_share = self.cost if self.to_share is None else self.to_share
            others = self.exemptions == "others"
            whole = allocate(to_share, with_hardship(weights, pays) if others else weights)
        return tuple(
            Household(
                id=household.id, share=share - relief, relief=relief, weight=weight, pays=household.pays
            )
            for household, weight, share in zip(self.households, weights, whole, strict=True)
            for relief in [share * (WHOLE - household.pays) // WHOLE if self.exemptions == "subsidy" else 0]
        )

    def _weights(self) -> list[int]:
        match self.allocation:
            case "by_area":
                return [int((household.area or Decimal(0)) * 100) for household in self.households]
            case "by_use":
                return [household.use or 0 for household in self.households]
            case _:
                return [1] * len(self.households)


@keeps_note
def propose(
    dispatch: Dispatch, command: OpenRound, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Put a proposal to the households. After a round that failed the next one may propose something else.

    Raises RoundIsOpen, OnNotice, TooManyRounds, SharesArePaid, SharesPassCost, RoundEndOutOfRange.
    """
    must_see(dispatch, by)
    opened = Round(
        number=len(dispatch.rounds) + 1,
        proposal=command.proposal,
        cost=command.cost,
        allocation=command.allocation,
        households=command.shares(),
        opened_at=at,
        exemptions=command.exemptions,
        documents=documents_of(command.documents),
        quorum=str(limits.quorum),
        threshold=str(limits.threshold),
    )
    if dispatch.open_round is not None and _same(dispatch.open_round, opened, command):
        return unchanged(dispatch)
    dispatch.must_be(*WITH_A_UNIT)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    dispatch.must_not_be_discussed()
    if len(dispatch.rounds) >= limits.rounds:
        raise TooManyRounds(f"There were {len(dispatch.rounds)} rounds.")
    if held := dispatch.paid():
        raise SharesArePaid(f"{held} fen are paid.", paid=held)
    total = sum(household.share + household.relief for household in opened.households)
    if total > command.cost:
        raise SharesPassCost(f"{total} of {command.cost} fen", cost=command.cost, shares=total)
    term = limits.calendar.term(at, limits.round)
    until = chosen_end(
        command.until, at, usual=term.end - at, longest=limits.longest_round, refusal=RoundEndOutOfRange
    )
    talking = dispatch.moved(
        DispatchState.IN_DELIBERATION,
        rounds=(*dispatch.rounds, opened.but(until=until)),
        level=at_least(dispatch.level, Level.COMMUNITY),
    ).with_limit(Clock.ROUND, command.until or term, at=at, reminder=limits.reminder)
    return decided(talking, RoundOpenedV1.of(opened, households=len(opened.households)))


def _same(now: Round, opened: Round, command: OpenRound) -> bool:
    """Whether this very proposal is being discussed, whatever was said about it since."""
    what = ("proposal", "cost", "allocation", "exemptions", "documents")
    bears = ("id", "share", "relief", "weight", "pays")
    return (
        all(getattr(now, name) == getattr(opened, name) for name in what)
        and [[getattr(one, name) for name in bears] for one in now.households]
        == [[getattr(one, name) for name in bears] for one in opened.households]
        and command.until in (None, now.until)
    )
