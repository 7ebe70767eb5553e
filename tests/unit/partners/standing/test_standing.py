"""How good a partner is: what counts, and what it is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Plan, Pledged, Report
from services.partners.domain.registry.partner import Partner
from services.partners.domain.standing.appeals import note_verdict as judge
from services.partners.domain.standing.impact import (
    OF,
    adds_by_month,
    came_to,
    done_by,
    each_once,
    impact_of,
    photos_among,
)
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import Event, Honour, Rules
from services.partners.domain.standing.score import Counts, happened, honoured, means, ranked, standing_of
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.settings import Settings
from shared.contracts.from_evaluation.evaluations import WorkEvaluatedV1
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    NOW,
    ORDER,
    SECOND,
    THIRD,
    call_in,
    called,
    heard,
    note_verdict,
    open_call,
    withdraw,
)

TERMS = Terms()
RULES = Settings().rules()
ALL_DONE = Report(percent=100, note="", at=NOW)
MEAN = {factor.code: factor.mean for factor in RULES.factors}


def claim_of(
    who: Partner,
    n: int = 1,
    *,
    ending: Ending | None = None,
    done: date | None = None,
    ends: date = date(2026, 3, 9),
    lines: Iterable[tuple[str, str, int, str]] = (("pipe", "goods", 12, "m"),),
) -> Claim:
    """Fulfilled, unless it ended in another way."""
    return Claim(
        claim_id=UUID(int=n),
        round=1,
        partner_id=who.id,
        partner_name=str(who.name),
        epoch=n,
        lines=tuple([Pledged(name=a, kind=b, amount=c, unit=d) for a, b, c, d in lines]),
        at=NOW,
        state=ClaimState.FULFILLED if ending is None else ClaimState.RELEASED,
        ending=ending,
        ended_at=LATER,
        plan=Plan(text="", starts=date(2026, 3, 3), ends=ends, at=NOW),
        deliveries=1,
        delivered_at=None if done is None else datetime(*done.timetuple()[:3], tzinfo=UTC),
    )


def call_with(*claims: Claim) -> Call:
    return Call(state=CallState.ACCEPTED, round=1, area=AREA, category="sewage_pipe", claims=claims)


def events(call: Call, who: Partner = FIRST) -> Counts:
    return Counter(one.event for one in happened(call) if one.partner_id == who.id)


def evaluated(call: Call, verdict: str = "unsatisfied", n: int = 1) -> Call:
    return note_verdict(call, n=n, verdict=verdict, at=LATER).state


# ---------------------------------------------------------------- what counts


def test_a_verdict_counts_for_everybody_who_has_a_part_in_the_work() -> None:
    both = call_with(claim_of(FIRST, 1), claim_of(SECOND, 2), claim_of(THIRD, 3, ending=Ending.GIVEN_BACK))
    said = WorkEvaluatedV1(verdict="satisfied", result=5, speed=4, manner=5, round=1)
    after = judge(both, heard(said, sender="evaluation", n=7)).state
    assert [(one.n, one.partners) for one in after.verdicts] == [(7, (FIRST.id, SECOND.id))]
    assert [events(after, who)[Event.SATISFIED] for who in (FIRST, SECOND, THIRD)] == [1, 1, 0]


@pytest.mark.parametrize("state", [CallState.BLANK, CallState.WITHDRAWN, CallState.EXPIRED])
def test_a_verdict_on_what_others_did_counts_for_nobody(state: CallState) -> None:
    call = call_in(state)
    assert note_verdict(call, n=1, verdict="satisfied", at=LATER).state is call


def test_a_verdict_that_comes_after_the_call_has_ended_counts_for_whoever_delivered() -> None:
    delivered = call_in(CallState.DELIVERED)
    over = withdraw(delivered, round=1, at=LATER).state
    anew = open_call(over, called(round=2), at=LATER, terms=TERMS).state
    for call in (delivered, over, anew):
        [said] = evaluated(call).verdicts
        assert (said.round, said.partners) == (1, (FIRST.id,))
        assert events(evaluated(call))[Event.UNSATISFIED] == 1


def test_only_the_latest_verdicts_are_kept_and_a_new_round_keeps_them() -> None:
    call = call_with(claim_of(FIRST))
    for n in range(250):
        call = evaluated(call, n=n)
    assert [call.verdicts[0].n, call.verdicts[-1].n] == [50, 249]
    again = open_call(call, called(round=2), at=LATER, terms=TERMS).state
    assert again.verdicts == call.verdicts


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (claim_of(FIRST, done=date(2026, 3, 9)), {Event.FULFILLED: 1, Event.ON_TIME: 1}),
        (claim_of(FIRST, done=date(2026, 3, 10)), {Event.FULFILLED: 1, Event.LATE: 1}),
        (claim_of(FIRST), {Event.FULFILLED: 1}),
        (claim_of(FIRST).but(reports=(ALL_DONE,)), {Event.FULFILLED: 1}),  # a report is no delivery
        (claim_of(FIRST, done=date(2026, 3, 10)).but(plan=None), {Event.FULFILLED: 1}),
        (claim_of(FIRST, ending=Ending.GIVEN_BACK), {Event.GIVEN_BACK: 1}),
        (claim_of(FIRST, ending=Ending.TAKEN_BACK), {Event.LOST: 1}),
        (claim_of(FIRST, ending=Ending.FORCED), {Event.LOST: 1}),
        (claim_of(FIRST, ending=Ending.TAKEN_OVER), {Event.LOST: 1}),
        (claim_of(FIRST, ending=Ending.CALL_ENDED, done=date(2026, 3, 10)), {}),
        (claim_of(FIRST).but(state=ClaimState.ACTIVE, ended_at=None), {}),
    ],
)
def test_what_became_of_a_claim_counts(claim: Claim, expected: dict[Event, int]) -> None:
    assert events(call_with(claim)) == expected


def test_an_order_counts_once_for_a_partner_however_many_claims_it_has_of_it() -> None:
    done, other = date(2026, 3, 9), date(2026, 3, 10)
    parts = [claim_of(FIRST, n, done=done) for n in range(1, 40)]
    assert events(call_with(*parts)) == {Event.FULFILLED: 1, Event.ON_TIME: 1}
    late = call_with(*parts, claim_of(FIRST, 40, done=other), claim_of(SECOND, 41, done=done))
    assert events(late) == {Event.FULFILLED: 1, Event.LATE: 1}
    assert events(late, SECOND) == {Event.FULFILLED: 1, Event.ON_TIME: 1}


# ---------------------------------------------------------------- what it is worth


def test_who_has_done_nothing_stands_at_the_mean() -> None:
    its = standing_of(Counts(), MEAN, RULES)
    assert (its.score, its.points, its.stars) == (80, 0, 0)


def test_one_bad_verdict_is_no_verdict_on_a_partner_and_many_are() -> None:
    scores = [standing_of(Counts({Event.UNSATISFIED: n}), MEAN, RULES).score for n in (0, 1, 10, 1000)]
    assert scores == [80, 73, 53, 40]
    good = [standing_of(Counts({Event.SATISFIED: n}), MEAN, RULES).score for n in (1, 10, 1000)]
    assert good == [81, 86, 89]


def test_the_words_say_what_was_counted() -> None:
    factor = standing_of(
        Counts({Event.SATISFIED: 8, Event.MOSTLY: 1, Event.UNSATISFIED: 1}), MEAN, RULES
    ).factors[0]
    assert factor.text.en == "What residents said: 8.7 of 10, and 5 more at the mean of 0.80 → 42 of 50"
    assert factor.text.zh == "居民评价：10 次得 8.7，另按平均 0.80 计 5 次 → 42/50"
    assert (factor.points, factor.rate, factor.events) == (42, 846, 10)


NUMBERS = st.dictionaries(st.sampled_from(Event), st.integers(0, 500))


@given(NUMBERS, st.integers(0, 1000))
def test_the_factors_add_up_to_the_standing(numbers: dict[Event, int], mean: int) -> None:
    its = standing_of(Counts(numbers), dict.fromkeys(MEAN, mean), RULES)
    assert its.score == sum(factor.points for factor in its.factors)
    assert all(0 <= factor.points <= factor.most for factor in its.factors)
    assert sum(factor.most for factor in its.factors) == 100
    assert its.points >= 0


@given(NUMBERS, st.sampled_from([Event.SATISFIED, Event.ON_TIME, Event.FULFILLED]))
def test_something_good_never_lowers_a_standing(numbers: dict[Event, int], good: Event) -> None:
    before = standing_of(Counts(numbers), MEAN, RULES)
    after = standing_of(Counts(numbers) + Counts({good: 1}), MEAN, RULES)
    assert after.score >= before.score
    assert after.points >= before.points


def test_the_mean_is_everybodys_as_soon_as_there_is_enough() -> None:
    few = [Counts({Event.SATISFIED: RULES.doubt - 1})]
    many = [Counts({Event.SATISFIED: 3}), Counts({Event.UNSATISFIED: 3})]
    assert means(few, RULES)["satisfaction"] == 800
    assert means(many, RULES)["satisfaction"] == 500


def test_stars_take_points_and_standing() -> None:
    plenty = Counts({Event.FULFILLED: 12, Event.SATISFIED: 12})
    assert standing_of(plenty, MEAN, RULES).stars == 2
    blamed = plenty + Counts({Event.LATE: 20, Event.UNSATISFIED: 6})
    its = standing_of(blamed, MEAN, RULES)
    assert (its.points >= 100, its.score < 80, its.stars) == (True, True, 2)
    assert standing_of(plenty, dict.fromkeys(MEAN, 0), RULES).stars == 1


def test_an_honour_goes_to_the_first_of_those_who_reach_it() -> None:
    honour = Honour(
        code="best",
        name=RULES.honours[0].name,
        period="month",
        points=10,
        fulfilled=1,
        standing=70,
        unsatisfied=0,
        most=2,
    )
    good = Counts({Event.FULFILLED: 1, Event.SATISFIED: 1})
    everybody = {
        UUID(int=1): good,
        UUID(int=2): good + good,
        UUID(int=3): good,
        UUID(int=4): good + good + Counts({Event.UNSATISFIED: 1}),
        UUID(int=5): Counts({Event.SATISFIED: 9}),
        UUID(int=6): good + Counts({Event.LOST: 1}),
    }
    assert [id.int for id, _ in honoured(honour, everybody, MEAN, RULES)] == [2, 1]
    standings = [(id, standing_of(counts, MEAN, RULES)) for id, counts in everybody.items()]
    assert ranked(standings) == ranked(reversed(standings))


def test_a_table_that_does_not_add_up_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "honours.json"
    wrong = RULES.model_copy(update={"factors": RULES.factors[:2]})
    file.write_text(wrong.model_dump_json())
    with pytest.raises(ValueError, match="100 together"):
        Settings(partners_honours=file).rules()
    file.write_text(RULES.model_dump_json())
    assert Rules.model_validate(Settings(partners_honours=file).rules().model_dump()) == RULES


@pytest.mark.parametrize(
    ("text", "kind", "since", "until"),
    [
        ("2026", "year", "2025-12-31T16:00", "2026-12-31T16:00"),
        ("2026-Q1", "quarter", "2025-12-31T16:00", "2026-03-31T16:00"),
        ("2026-Q4", "quarter", "2026-09-30T16:00", "2026-12-31T16:00"),
        ("2026-12", "month", "2026-11-30T16:00", "2026-12-31T16:00"),
    ],
)
def test_a_period_is_one_of_the_jurisdictions_own_time(text: str, kind: str, since: str, until: str) -> None:
    span = Span.of(text, "Asia/Shanghai")
    assert span.kind == kind
    assert [one.astimezone(UTC).isoformat()[:16] for one in span[1:]] == [since, until]
    with pytest.raises(ValueError, match="a period is"):
        Span.of("2026-Q5x", "Asia/Shanghai")


# ---------------------------------------------------------------- what it did for people


def at_any_time(_: datetime) -> bool:
    return True


def did(call: Call) -> Counter[str]:
    done = done_by(call, FIRST.id, at_any_time)
    return came_to(call, done) if done else Counter()


def test_the_impact_is_of_what_was_fulfilled() -> None:
    lines = (("money", "funds", 500_000, "fen"), ("crew", "labour", 8, "hours"), ("pipe", "goods", 12, "m"))
    one = call_with(claim_of(FIRST, 1, lines=lines), claim_of(SECOND, 2)).but(households=("1-101", "1-102"))
    two = call_with(claim_of(FIRST, 3)).but(category="noise")
    lost = call_with(claim_of(FIRST, 4, ending=Ending.FORCED, lines=lines))
    its = impact_of(sum((did(call) for call in (one, two, lost)), Counter()), ())
    assert (its.orders, its.households, its.fen_pledged, its.fen_received) == (2, 3, 500_000, 0)
    assert (its.hours, its.goods, its.by_category) == (8, 2, (("noise", 1), ("sewage_pipe", 1)))
    assert not done_by(one, FIRST.id, lambda at: at > LATER)


def test_an_order_on_which_work_was_accepted_in_two_months_is_one_order() -> None:
    call = call_with(*(claim_of(FIRST, n).but(ended_at=LATER + n * timedelta(days=20)) for n in range(4)))
    adds = list(adds_by_month(call, FIRST.id, UTC))
    assert len(adds) == 3
    total = each_once(sum((its for _, its in adds), Counter()))
    assert {name: n for name, n in total.items() if n and not name.startswith(OF)} == {
        name: n for name, n in did(call).items() if not name.startswith(OF)
    }


def test_the_impact_shows_photos_from_before_and_after() -> None:
    reports = [(0, "a"), (50, "b"), (100, "c"), (60, "d"), (100, "e")]
    shown = tuple([Report(percent=p, note="", at=LATER, photos=(name,)) for p, name in reports])
    calls = [(ORDER, call_with(claim_of(FIRST).but(reports=shown))), (ORDER, call_with(claim_of(FIRST, 2)))]
    assert photos_among(calls, FIRST.id, at_any_time) == [(ORDER, ("a",), ("e",))]
