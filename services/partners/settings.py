"""What can be set for partners."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from services.partners.domain.matching.score import Scale, Weights
from services.partners.domain.registry.partner import Partner
from services.partners.domain.standing.rules import Rules
from services.partners.domain.terms import OfferStep, Terms
from shared.calendar import Within, Workdays, published
from shared.duration import Duration
from shared.settings import EXAMPLE, MOST, Count, ServiceSettings

Weight = Annotated[float, Field(strict=True, ge=0, le=MOST, allow_inf_nan=False)]


class Settings(ServiceSettings):
    service: ClassVar[str] = "partners"

    intake_categories: Path = (
        EXAMPLE / "categories.json"
    )  # what orders can be about: the file that intake has
    partners_partners: Path | None = None  # enters these, as verified; without it everybody applies
    partners_call_default: Duration = timedelta(days=14)  # how long a call is open whose named end has passed
    partners_call_maximum: Duration = timedelta(days=90)  # how long a call may be open at all
    partners_plan_maximum: Duration = timedelta(days=730)  # how far away a work plan may end
    partners_plan_begins_within: Duration = timedelta(days=90)  # how far away it may begin
    # of one call; the oldest ended make room
    partners_claims_most: Annotated[int, Field(ge=1, le=1000)] = 500
    partners_claims_of_one: Annotated[int, Field(ge=1, le=1000)] = 20  # active ones of a partner on a call
    partners_reports_most: Annotated[int, Field(ge=1, le=1000)] = 200  # of one claim
    partners_held_most: Annotated[int, Field(ge=1, le=10_000)] = 100  # active claims of one partner
    partners_finished_least: Annotated[int, Field(ge=0, le=100)] = 50  # per cent of the orders that it took
    partners_finished_from: Count = 10  # … as soon as so many have
    partners_finished_within: Duration = timedelta(days=180)  # … lately
    partners_undeclared_allowed: bool = True  # whether a partner may promise what it has not declared
    partners_own_matter_allowed: bool = False  # whether it may claim its own household's or unit's matter
    partners_elsewhere_allowed: bool = False  # whether it may claim where it does not serve, unasked
    partners_cool_down: Duration = timedelta(days=1)  # until who gave a call back may claim of it again
    partners_cool_down_forced: Duration = timedelta(days=7)  # … whom the staff took it from
    partners_record_most: Annotated[int, Field(ge=1, le=1000)] = 500  # deeds on the record of one order
    partners_invitation_good_for: Duration = timedelta(days=14)  # how long an invitation stands
    partners_appeal_answer: Within = Workdays(5)  # until an appeal is decided; then the next level has to
    dispatch_calendar: Path | None = None  # what the library does not have: as dispatch has it
    partners_appeal_within: Duration = timedelta(days=30)  # of what an appeal is against
    partners_verdicts_least: Count = 5  # of a month, before everybody sees what they say
    # after a month has ended what happened to partners in it is published, as it is then and once and for all
    partners_published_after: Duration = timedelta(days=30)
    partners_honours: Path = EXAMPLE / "honours.json"  # standing, points, stars and honours: all their rules
    partners_members_most: Annotated[int, Field(ge=1, le=1000)] = 200  # of one partner, invitations included
    partners_weights: Mapping[str, Weight] = Weights().by_name  # of matching; brought to a sum of a thousand
    partners_offer_steps: Annotated[tuple[OfferStep, ...], Field(max_length=10)] = Terms().offer_steps
    partners_half_metres: Count = 1500  # so far away, being near is worth half
    partners_plan_within: Within = Workdays(3)  # from the claim to its plan
    partners_progress_every: Duration = timedelta(days=7)  # between two words on how far the work is
    partners_remind_before: Duration = timedelta(days=1)
    partners_take_back_after: Duration = timedelta(
        days=3
    )  # from when a claim is stale until it is taken back
    partners_takeover_silence: Duration = timedelta(hours=36)  # then a request to take over is granted
    partners_takeover_any: bool = False  # whether a claim may be asked for that is not stale
    partners_block_most: Duration = timedelta(days=30)  # how long blocked work may stand still at once

    def read_files(self) -> None:
        self.scale()
        self.terms()
        self.rules()
        self.partners()

    def scale(self) -> Scale:
        """By what matching measures. Raises ValueError for weights that make no sense."""
        with self.naming("partners_weights"):
            weights = Weights.of(self.partners_weights)
        return Scale(
            weights=weights,
            half_metres=self.partners_half_metres,
            held_most=self.partners_held_most,
        )

    def terms(self) -> Terms:
        """Each by its name: `partners_claims_most` is the `claims_most` of the rules."""
        apart = ("district", "categories", "zone", "calendar")
        its = {
            one.name: getattr(self, f"partners_{one.name}") for one in fields(Terms) if one.name not in apart
        }
        with self.naming("dispatch_calendar"):
            calendar = published(self.dispatch_calendar, self.timezone)
        return Terms(self.jurisdiction, self.categories(), ZoneInfo(self.timezone), calendar=calendar, **its)

    def categories(self) -> frozenset[str]:
        """Raises ValueError when the file is not there or holds no categories."""
        with self.naming("intake_categories"):
            listed = json.loads(self.intake_categories.read_bytes())["categories"]
            return frozenset(one["code"] for one in listed)

    def rules(self) -> Rules:
        """Raises ValueError when the table is not there or makes no sense."""
        with self.naming("partners_honours"):
            return Rules.model_validate_json(self.partners_honours.read_bytes())

    def partners(self) -> tuple[Partner, ...]:
        """Raises ValueError when the file is not there or not readable, or names an id twice."""
        if self.partners_partners is None:
            return ()
        known = self.categories()
        with self.naming("partners_partners"):
            listed = json.loads(self.partners_partners.read_bytes())["partners"]
            partners = tuple([Partner.model_validate(one) for one in listed])
            if len({partner.id for partner in partners}) < len(partners):
                raise ValueError("two partners have the same id")
            for one in partners:
                if unknown := set(one.categories) - known:
                    raise ValueError(f"{one.id} names {', '.join(sorted(unknown))}")
        return partners
