"""How good a partner is: what happened, what it is worth, and in words why. Whole numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.registry.resource import Name
from services.partners.domain.standing.appeals import LOST, is_late
from services.partners.domain.standing.rules import Event, Factor, Honour, Rules
from services.partners.domain.states import ClaimState, Ending

Counts = Counter[Event]
VERDICTS = (Event.SATISFIED, Event.MOSTLY, Event.UNSATISFIED)


class Happened(NamedTuple):
    """One thing that counts. `of`: the number of the verdict or the id of the claim, as an appeal names it."""

    partner_id: UUID
    event: Event
    at: datetime
    of: str


class Words(NamedTuple):
    """In both languages."""

    zh: str
    en: str


class FactorOf(NamedTuple):
    """`rate` in thousandths, drawn towards `mean`; `points` of `most`; `text` says how it came about."""

    code: str
    name: Name
    points: int
    most: int
    rate: int
    mean: int
    events: int
    text: Words


class Standing(NamedTuple):
    """`score` of 100 is the sum of the points of its factors; `points` are earned, and rise without end."""

    score: int
    factors: tuple[FactorOf, ...]
    points: int
    stars: int


def happened(call: Call) -> Iterator[Happened]:
    """All that counts for or against the partners of one call; what an appeal took away is not there.

    However many claims a partner has of it, what became of them counts once, and who was late with one was late.
    """
    void = {(one.partner_id, one.against, one.of) for one in call.appeals if one.decision == "upheld"}
    once: dict[tuple[UUID, Event], Happened] = {}
    for claim in call.claims:
        partner, of = claim.partner_id, str(claim.claim_id)
        if claim.ended_at is None:
            continue
        for event in _of_claim(claim):
            bad = event in (Event.LATE, Event.LOST)
            if not (bad and (partner, "claim", of) in void):
                once.setdefault((partner, event), Happened(partner, event, claim.ended_at, of))
    for (partner, event), one in once.items():
        if not (event is Event.ON_TIME and (partner, Event.LATE) in once):
            yield one
    for said in call.verdicts:
        of = str(said.n)
        for partner in said.partners:
            if (partner, "verdict", of) not in void and said.verdict in set(Event):
                yield Happened(partner, Event(said.verdict), said.at, of)


def _of_claim(claim: Claim) -> Iterator[Event]:
    if claim.state is ClaimState.FULFILLED:
        yield Event.FULFILLED
        late = is_late(claim)
        if late is not None:
            yield Event.LATE if late else Event.ON_TIME
    elif claim.ending is Ending.GIVEN_BACK:
        yield Event.GIVEN_BACK
    elif claim.ending in LOST:
        yield Event.LOST


def means(everybody: Iterable[Counts], rules: Rules) -> dict[str, int]:
    """By factor, the mean worth of all that happened, in thousandths; what the rules say while that is little."""
    total: Counts = Counter()
    for counts in everybody:
        total.update(counts)
    found = {}
    for factor in rules.factors:
        n, worth = _sum(factor, total)
        found[factor.code] = worth // n if n >= rules.doubt else factor.mean
    return found


def standing_of(counts: Counts, means: Mapping[str, int], rules: Rules) -> Standing:
    factors = tuple([_factor_of(one, counts, means[one.code], rules.doubt) for one in rules.factors])
    score, points = sum(one.points for one in factors), points_of(counts, rules)
    stars = [one.star for one in rules.stars if points >= one.points and score >= one.standing]
    return Standing(score, factors, points, max(stars, default=0))


def points_of(counts: Counts, rules: Rules) -> int:
    """Never below zero."""
    return max(0, sum(worth * counts[event] for event, worth in rules.points.items()))


def honoured(
    honour: Honour, everybody: Mapping[UUID, Counts], means: Mapping[str, int], rules: Rules
) -> list[tuple[UUID, Standing]]:
    """Who has it for a period in which this happened, the first first."""
    found = []
    for partner_id, counts in everybody.items():
        its = standing_of(counts, means, rules)
        blamed = honour.unsatisfied is not None and counts[Event.UNSATISFIED] > honour.unsatisfied
        enough = its.points >= honour.points and its.score >= honour.standing
        if enough and not blamed and counts[Event.FULFILLED] >= honour.fulfilled:
            found.append((partner_id, its))
    return ranked(found)[: honour.most]


def ranked(some: Iterable[tuple[UUID, Standing]]) -> list[tuple[UUID, Standing]]:
    """By points, then by standing, then by id, so that the order is always the same."""
    return sorted(some, key=lambda one: (-one[1].points, -one[1].score, one[0]))


def _factor_of(factor: Factor, counts: Counts, mean: int, doubt: int) -> FactorOf:
    n, worth = _sum(factor, counts)
    rate = (doubt * mean + worth) // (doubt + n)
    points = factor.points * rate // 1000
    return FactorOf(
        factor.code,
        factor.name,
        points,
        factor.points,
        rate,
        mean,
        n,
        Words(
            f"{factor.name.zh}：{n} 次得 {_tenths(worth)}，另按平均 {_cents(mean)} 计 {doubt} 次"
            f" → {points}/{factor.points}",
            f"{factor.name.en or factor.code}: {_tenths(worth)} of {n}, and {doubt} more at the mean of"
            f" {_cents(mean)} → {points} of {factor.points}",
        ),
    )


def _sum(factor: Factor, counts: Counts) -> tuple[int, int]:
    """How many events, and what they are worth together in thousandths."""
    n = sum(counts[event] for event in factor.worth)
    return n, sum(worth * counts[event] for event, worth in factor.worth.items())


def _tenths(thousandths: int) -> str:
    return f"{thousandths / 1000:.1f}".removesuffix(".0")


def _cents(thousandths: int) -> str:
    return f"{thousandths / 1000:.2f}"
