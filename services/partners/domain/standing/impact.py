"""What a partner did for people: of the claims that were fulfilled, and of the money that was really received."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.claim import FUNDS, Claim
from services.partners.domain.money.pledges import net
from services.partners.domain.states import ClaimState
from shared.periods import month_of

PHOTOS_OF = 50  # orders
PICTURED = "pictured"  # orders with photos, in the month in which the last such work was accepted
_AGAIN = "again"  # of an order of which work was accepted in an earlier month as well: it is one order
CATEGORY = "category|"  # in sums: orders of one
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
    photos: tuple[Photos, ...] = ()  # of the orders with photos of which work was accepted last


FIGURES = Impact._fields[:6]
OF = "orders_of|"  # in sums of a month, before a figure: how many orders have some of it; of households, more than one
OWING = "fen_owing"  # pledged, and not received, or more
When = Callable[[datetime], bool]  # whether work counts that was accepted then


def impact_of(total: Mapping[str, int], photos: Iterable[Photos]) -> Impact:
    """Of what orders come to, see `came_to`."""
    categories = {name.partition("|")[2]: n for name, n in total.items() if n and name.startswith(CATEGORY)}
    by_category = tuple(sorted(categories.items(), key=lambda one: (-one[1], one[0])))
    its = {name: total.get(name, 0) for name in FIGURES}
    return Impact(**its, by_category=by_category, photos=tuple(photos))


def came_to(call: Call, done: Iterable[Claim]) -> Counter[str]:
    """What an order came to, of which this was done."""
    return _of_order(call) + _of_claims(call, done)


def adds_by_month(call: Call, partner_id: UUID, zone: tzinfo) -> Iterator[tuple[datetime, Counter[str]]]:
    """A time of each month in which work of a partner was accepted, and what that adds to what it did ever."""
    months: dict[str, list[Claim]] = {}
    for claim in sorted(done_by(call, partner_id, lambda _: True), key=accepted_at):
        months.setdefault(month_of(accepted_at(claim), zone), []).append(claim)
    last = next((month for month in reversed(months) if any(map(is_pictured, months[month]))), None)
    before = None
    for month, done in months.items():
        adds = came_to(call, done)
        if before:
            adds.update({f"{_AGAIN}|{before}|{name}": n for name, n in _of_order(call).items()})
        if month == last:
            adds[PICTURED] = 1
        yield accepted_at(done[0]), adds
        before = month


def each_once(sums: Mapping[str, int], first: str = "") -> Counter[str]:
    """What months add up to, those since the first of them, with each order once."""
    total: Counter[str] = Counter()
    for name, n in sums.items():
        what, _, rest = name.partition("|")
        if what != _AGAIN:
            total[name] += n
        elif rest >= first:
            total[rest.partition("|")[2]] -= n
    return total


def done_by(call: Call, partner_id: UUID, counts: When) -> list[Claim]:
    """The claims of a partner that were fulfilled, of those that count."""
    return [
        claim
        for claim in call.claims
        if claim.partner_id == partner_id
        and claim.state is ClaimState.FULFILLED
        and claim.ended_at is not None
        and counts(claim.ended_at)
    ]


def accepted_at(claim: Claim) -> datetime:
    assert claim.ended_at is not None
    return claim.ended_at


def is_pictured(claim: Claim) -> bool:
    return any(report.photos for report in claim.reports)


def photos_among(calls: Iterable[tuple[UUID, Call]], partner_id: UUID, counts: When) -> list[Photos]:
    """Those of the latest orders, as work on them was accepted."""
    found = []
    for order_id, call in calls:
        done = done_by(call, partner_id, counts)
        shown = _photos(order_id, done)
        if shown.before or shown.after:
            found.append((max(map(accepted_at, done)), order_id, shown))
    return [shown for _, _, shown in sorted(found, reverse=True)[:PHOTOS_OF]]


def _of_order(call: Call) -> Counter[str]:
    households = max(1, len(call.households))
    its = Counter({"orders": 1, "households": households, f"{CATEGORY}{call.category}": 1})
    if households > 1:
        its[f"{OF}households"] = 1
    return its


def _of_claims(call: Call, done: Iterable[Claim]) -> Counter[str]:
    total: Counter[str] = Counter()
    for claim in done:
        for line in claim.lines:
            if line.kind == FUNDS:
                total["fen_pledged"] += line.amount
                total["fen_received"] += net(call, claim.claim_id, line.name)
            elif line.kind == "labour" and line.unit in _HOURS:
                total["hours"] += line.amount
            else:
                total["goods"] += 1
    has = [name for name, n in total.items() if n]
    if total["fen_pledged"] != total["fen_received"]:
        has.append(OWING)
    total.update({f"{OF}{name}": 1 for name in has})
    return total


def _photos(order_id: UUID, done: Iterable[Claim]) -> Photos:
    before: list[str] = []
    after: list[str] = []
    for claim in done:
        shown = [report for report in claim.reports if report.photos]
        before += next((one.photos for one in shown if one.percent < 100), ())
        after += next((one.photos for one in reversed(shown) if one.percent == 100), ())
    return Photos(order_id, tuple(before), tuple(after))
