"""The limits of this jurisdiction. Each is a setting; no rule has a number of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from pydantic import Field

from shared.calendar import Allowance, Calendar, Workdays
from shared.duration import Duration
from shared.problems import must_be_one_of

Whole = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class OfferStep:
    """So many partners have an offer in this step, none farther away than that, for so long."""

    most: Whole
    metres: Whole
    within: Duration


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules are bound by."""

    district: str = "370203"
    categories: frozenset[str] = frozenset()  # what partners can be willing to help with; none: anything
    zone: tzinfo = UTC  # whose days, months and years they are in which something is there
    call_default: timedelta = timedelta(days=14)  # when the named end has passed already
    call_maximum: timedelta = timedelta(days=90)
    plan_maximum: timedelta = timedelta(days=730)  # how far away a plan may end
    plan_begins_within: timedelta = timedelta(days=90)  # how far away a plan may begin
    claims_most: int = 500  # of one call; the oldest that ended make room: an entry stays small
    claims_of_one: int = 20  # active claims of one partner on one call
    reports_most: int = 200  # of one claim
    held_most: int = 100  # active claims of one partner, on all calls
    finished_least: int = 50  # per cent of the orders that a partner took and that ended for it
    finished_from: int = 10  # … as soon as so many have
    finished_within: timedelta = timedelta(days=180)  # … lately
    undeclared_allowed: bool = True  # whether a partner may promise what it has not declared
    # whether a partner may claim what is its own household's or unit's matter
    own_matter_allowed: bool = False
    elsewhere_allowed: bool = False  # whether a partner may claim where it does not serve
    cool_down: timedelta = timedelta(days=1)  # until who gave a call back may claim of it again
    cool_down_forced: timedelta = timedelta(days=7)  # … whom the staff took it from
    record_most: int = 500  # lines on the record of one order
    invitation_good_for: timedelta = timedelta(days=14)
    appeal_within: timedelta = timedelta(days=30)  # of what it is against
    members_most: int = 200  # of one partner, those who are invited included
    offer_steps: tuple[OfferStep, ...] = (
        OfferStep(5, 2000, timedelta(days=1)),
        OfferStep(15, 5000, timedelta(days=1)),
    )  # then a matched call is open to all
    plan_within: Allowance = field(default_factory=lambda: Workdays(3))  # from the claim to its plan
    appeal_answer: Allowance = field(default_factory=lambda: Workdays(5))  # until an appeal is decided
    calendar: Calendar = field(default_factory=Calendar)
    progress_every: timedelta = timedelta(days=7)  # between two words on how far the work is
    remind_before: timedelta = timedelta(days=1)
    take_back_after: timedelta = timedelta(days=3)  # from when it is stale until it goes back to the call
    takeover_silence: timedelta = timedelta(hours=36)  # then a request that nobody answered is granted
    takeover_any: bool = False  # whether another partner may ask for a claim that is not stale
    block_most: timedelta = timedelta(days=30)  # how long the clock of a claim may stand still at once

    def must_know(self, categories: Iterable[str]) -> None:
        """Raises NoSuchName."""
        for one in categories if self.categories else ():
            must_be_one_of(self.categories, category=one)

    def until(self, wanted: datetime, at: datetime) -> datetime:
        """When a call that (re)opens now ends: as wanted, but in the future, and within the maximum."""
        end = wanted if wanted.tzinfo is not None else wanted.replace(tzinfo=UTC)
        if end <= at:
            end = at + self.call_default
        return min(end, at + self.call_maximum)
