"""What a partner did for people: of the claims that were fulfilled, and of the money that was really received."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.claim import FUNDS, Claim
from services.partners.domain.money.pledges import net
from services.partners.domain.states import ClaimState

_PHOTOS_OF = 50  # orders
_HOURS = frozenset({"hour", "hours", "小时"})


class Photos(NamedTuple):
    """Of one order, the SHA-256 of each photo: from the first report with photos, and from the delivery."""

    order_id: UUID
    before: tuple[str, ...]
    after: tuple[str, ...]


class Impact(NamedTuple):
    """`households`: those that bore a share of the matters, and one of each matter that named none."""

    orders: int = 0
    households: int = 0
    fen_pledged: int = 0
    fen_received: int = 0  # what was given back is not in it
    hours: int = 0
    goods: int = 0  # lines of goods, venues, services and data
    by_category: tuple[tuple[str, int], ...] = ()  # orders
    photos: tuple[Photos, ...] = ()  # of the latest orders that have some


def impact_of(
    partner_id: UUID, calls: Iterable[tuple[UUID, Call]], since: datetime | None, until: datetime | None
) -> Impact:
    """Of what was accepted in [since, until). `calls`: the newest first."""
    orders = households = pledged = received = hours = goods = 0
    categories: dict[str, int] = {}
    photos: list[Photos] = []
    for order_id, call in calls:
        done = [
            claim
            for claim in call.claims
            if claim.partner_id == partner_id
            and claim.state is ClaimState.FULFILLED
            and claim.ended_at is not None
            and (since is None or since <= claim.ended_at)
            and (until is None or claim.ended_at < until)
        ]
        if not done:
            continue
        orders += 1
        households += max(1, len(call.households))
        categories[call.category] = categories.get(call.category, 0) + 1
        shown = _photos(order_id, done)
        if len(photos) < _PHOTOS_OF and (shown.before or shown.after):
            photos.append(shown)
        for claim in done:
            for line in claim.lines:
                if line.kind == FUNDS:
                    pledged += line.amount
                    received += net(call, claim.claim_id, line.name)
                elif line.kind == "labour" and line.unit in _HOURS:
                    hours += line.amount
                else:
                    goods += 1
    by_category = tuple(sorted(categories.items(), key=lambda one: (-one[1], one[0])))
    return Impact(orders, households, pledged, received, hours, goods, by_category, tuple(photos))


def _photos(order_id: UUID, done: Iterable[Claim]) -> Photos:
    before: list[str] = []
    after: list[str] = []
    for claim in done:
        shown = [report for report in claim.reports if report.photos]
        before += next((one.photos for one in shown if one.percent < 100), ())
        after += next((one.photos for one in reversed(shown) if one.percent == 100), ())
    return Photos(order_id, tuple(before), tuple(after))
