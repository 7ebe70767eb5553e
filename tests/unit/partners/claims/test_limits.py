"""Nobody takes more than it can carry, too soon again, or what is its own matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim, Pledged
from services.partners.domain.claims.claimant import Claimant, must_carry
from services.partners.domain.claims.claiming import claim
from services.partners.domain.claims.refusals import (
    CoolingDown,
    HoldsTooMany,
    NotDeclared,
    OwnMatter,
    ReserveTooSmall,
    TooFewFinished,
)
from services.partners.domain.claims.reserve import Carried, reserve_of
from services.partners.domain.claims.reserve import carried as carry
from services.partners.domain.registry.refusals import AreaNotServed
from services.partners.domain.registry.resource import Name, Resource
from services.partners.domain.states import ClaimState, Ending
from services.partners.domain.terms import Terms
from shared.entry import Decision
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    NOW,
    ORDER,
    SECOND,
    claiming,
    held_by,
    open_to_partners,
    pledge,
    receiving,
    releasing,
    returning,
)

ASKS = Terms()


def resource(kind: str, quantity: int, *codes: str, unit: str = "", **more: Any) -> Resource:
    return Resource.model_validate(
        {
            "kind": kind,
            "codes": codes,
            "name": Name(zh="物", en="thing"),
            "quantity": quantity,
            "unit": unit or ("fen" if kind == "funds" else "m"),
            "area": "370203",
            **more,
        }
    )


def carried(
    state: ClaimState,
    *lines: tuple[str, str, int],
    n: int = 1,
    ended_at: datetime | None = LATER,
    **more: Any,
) -> Carried:
    return Carried(
        UUID(int=n),
        AREA,
        Claim(
            claim_id=uuid5(ORDER, f"carried/{n}"),
            round=1,
            partner_id=FIRST.id,
            partner_name="",
            epoch=1,
            lines=tuple(
                Pledged(name=name, kind=kind, amount=amount, unit="fen" if kind == "funds" else "m")
                for name, kind, amount in lines
            ),
            at=NOW,
            state=state,
            ended_at=None if state is ClaimState.ACTIVE else ended_at,
            **more,
        ),
    )


def by(*carries: Carried, has: tuple[Resource, ...] = (), **more: Any) -> Claimant:
    return Claimant(FIRST.but(resources=has), carries, **more)


def asked(
    call: Call, who: Claimant, *, at: datetime = LATER, terms: Terms = ASKS, **wanted: int
) -> Decision[Call]:
    return claim(call, pledge(**wanted), order_id=ORDER, by=who, at=at, terms=terms)


# ------------------------------------------------------------ the number, and how they ended


def test_who_holds_as_many_as_it_may_takes_no_other() -> None:
    held = [carried(ClaimState.ACTIVE, n=n) for n in range(3)]
    terms = Terms(held_most=3)
    asked(open_to_partners(), by(*held[:2]), terms=terms, pipe=1)
    with pytest.raises(HoldsTooMany) as refused:
        asked(open_to_partners(), by(*held), terms=terms, pipe=1)
    assert refused.value.now["missing"] == {"money": 600_000, "pipe": 12}


@pytest.mark.parametrize("ending", [e for e in Ending if e is not Ending.CALL_ENDED])
def test_who_gave_back_or_lost_too_many_takes_no_other(ending: Ending) -> None:
    terms = Terms(finished_from=4, finished_least=50)
    lost = [carried(ClaimState.RELEASED, n=n, ending=ending) for n in range(3)]
    done = [carried(ClaimState.FULFILLED, n=n) for n in range(3, 6)]
    asked(open_to_partners(), by(*lost), terms=terms, pipe=1)  # too few to judge by
    asked(open_to_partners(), by(*lost, *done), terms=terms, pipe=1)
    with pytest.raises(TooFewFinished):
        asked(open_to_partners(), by(*lost, *done[:1]), terms=terms, pipe=1)


def test_what_is_long_past_or_was_forgiven_keeps_nobody_out_and_an_order_counts_once() -> None:
    terms = Terms(finished_from=4, finished_least=50, finished_within=timedelta(days=30))
    lost = [carried(ClaimState.RELEASED, n=n, ending=Ending.FORCED) for n in range(4)]
    with pytest.raises(TooFewFinished):
        asked(open_to_partners(), by(*lost), terms=terms, pipe=1)
    long = open_to_partners(until=LATER + timedelta(days=60))
    with pytest.raises(TooFewFinished):
        asked(long, by(*lost), at=LATER + timedelta(days=29), terms=terms, pipe=1)
    assert asked(long, by(*lost), at=LATER + timedelta(days=30), terms=terms, pipe=1).events
    upheld = replace(lost[0], forgiven=True)
    assert asked(open_to_partners(), by(upheld, *lost[1:]), terms=terms, pipe=1).events
    fragments = [replace(carried(ClaimState.FULFILLED, n=9), area=f"{AREA}/{n}") for n in range(40)]
    with pytest.raises(TooFewFinished):
        asked(open_to_partners(), by(*lost, *fragments), terms=terms, pipe=1)


def test_what_ended_with_its_call_is_nobody_s_fault() -> None:
    over = [carried(ClaimState.RELEASED, n=n, ending=Ending.CALL_ENDED) for n in range(20)]
    assert asked(open_to_partners(), by(*over), pipe=1).events


# ------------------------------------------------------------ the reserve


def test_nobody_promises_more_than_it_has_free() -> None:
    has = (resource("goods", 10, "pipe"),)
    who = by(carried(ClaimState.ACTIVE, ("pipe", "goods", 7)), has=has)
    asked(open_to_partners(), who, pipe=3)
    with pytest.raises(ReserveTooSmall) as refused:
        asked(open_to_partners(), who, pipe=4)
    assert refused.value.now["free"] == {"pipe": 3}


def test_two_lines_of_one_claim_draw_on_the_same_resource() -> None:
    call = open_to_partners(("funds", "funds", 500), ("more", "funds", 500))
    who = by(has=(resource("funds", 700, per="year"),))
    asked(call, who, funds=500, more=200)
    with pytest.raises(ReserveTooSmall):
        asked(call, who, funds=500, more=201)


def test_the_second_line_of_a_name_is_met_from_the_same_resource() -> None:
    call = open_to_partners(("pipe", "goods", 6), ("pipe", "goods", 6))
    both: dict[str, Any] = {"pipe": 6, "pipe-2": 6}
    with pytest.raises(ReserveTooSmall):
        asked(call, by(has=(resource("goods", 10, "pipe"),)), **both)


@pytest.mark.parametrize(
    "other",
    [
        {"unit": "piece"},
        {"area": "370203/370203015"},
        {"ends": date(2026, 3, 1)},
        {"begins": date(2026, 3, 3)},
    ],
)
def test_who_declared_a_thing_gives_it_there_and_then_and_no_more(other: dict[str, Any]) -> None:
    it = resource("goods", 12, "pipe").model_copy(update=other)
    with pytest.raises(ReserveTooSmall) as refused:
        asked(open_to_partners(), by(has=(it,)), pipe=1)
    assert refused.value.now["free"] == {"pipe": 0}


@pytest.mark.parametrize("other", [{"kind": "labour"}, {"codes": ("steel",)}])
def test_of_another_thing_nothing_is_declared(other: dict[str, Any]) -> None:
    it = resource("goods", 12, "pipe").model_copy(update=other)
    with pytest.raises(NotDeclared):
        asked(open_to_partners(), by(has=(it,)), terms=Terms(undeclared_allowed=False), pipe=1)
    assert asked(
        open_to_partners(), by(has=(it,)), pipe=1
    ).events  # by default it may give what it did not declare


def test_who_takes_back_what_it_declared_promises_no_more_of_it_while_it_holds_some() -> None:
    holds, withdrew = carried(ClaimState.ACTIVE, ("pipe", "goods", 7)), frozenset({"goods|pipe"})
    with pytest.raises(ReserveTooSmall):
        asked(open_to_partners(), by(holds, withdrew=withdrew), pipe=1)
    assert asked(open_to_partners(), by(holds, withdrew=withdrew), money=1).events
    assert asked(open_to_partners(), by(holds), pipe=1).events
    done = carried(ClaimState.FULFILLED, ("pipe", "goods", 7))
    assert asked(open_to_partners(), by(done, withdrew=withdrew), pipe=1).events


def test_what_is_given_back_is_free_at_once_and_what_is_given_is_gone() -> None:
    pipe = ("pipe", "goods", 4)
    has = by(has=(resource("goods", 10, "pipe"),)).partner
    released = carried(ClaimState.RELEASED, pipe, n=1, ending=Ending.GIVEN_BACK)
    taken_over = carried(ClaimState.TAKEN_OVER, pipe, n=2, ending=Ending.TAKEN_OVER)
    (stock,) = reserve_of(has, [released, taken_over], LATER)
    assert (stock.reserved, stock.used, stock.free) == (0, 0, 10)
    (stock,) = reserve_of(
        has, [carried(ClaimState.ACTIVE, pipe), carried(ClaimState.FULFILLED, pipe, n=2)], LATER
    )
    assert (stock.reserved, stock.used, stock.free) == (4, 4, 2)


@pytest.mark.parametrize("state", [ClaimState.RELEASED, ClaimState.TAKEN_OVER])
def test_what_was_received_of_a_claim_that_ended_is_gone_until_it_is_returned(state: ClaimState) -> None:
    call = receiving(claiming(open_to_partners(), FIRST, money=1000).state, FIRST, 700).state
    ended = held_by(call, FIRST).ended(Ending.GIVEN_BACK, LATER, "ill").but(state=state)
    has = by(has=(resource("funds", 1000, per="year"),)).partner
    for back, free in ((0, 300), (200, 500), (700, 1000)):
        record = returning(call, FIRST, back).state.record if back else call.record
        (stock,) = reserve_of(has, [carry(ORDER, AREA, ended, FIRST.id, record=record)], LATER)
        assert (stock.reserved, stock.used, stock.free) == (0, 1000 - free, free)


@pytest.mark.parametrize(
    ("per", "ended", "free"),
    [
        ("once", datetime(2024, 1, 1, tzinfo=UTC), 4),
        ("year", datetime(2026, 1, 1, tzinfo=UTC), 4),
        ("year", datetime(2025, 12, 31, tzinfo=UTC), 10),
        ("month", datetime(2026, 3, 1, tzinfo=UTC), 4),
        ("month", datetime(2026, 2, 28, tzinfo=UTC), 10),
        ("month", datetime(2025, 3, 1, tzinfo=UTC), 10),
    ],
)
def test_hours_and_money_come_again_with_their_period(per: str, ended: datetime, free: int) -> None:
    has = by(has=(resource("funds", 10, per=per),)).partner
    (stock,) = reserve_of(has, [carried(ClaimState.FULFILLED, ("x", "funds", 6), ended_at=ended)], LATER)
    assert stock.free == free


def test_the_month_and_the_day_are_those_of_the_place() -> None:
    """When it is still February in Greenwich, it is March in Qingdao."""
    at = datetime(2026, 2, 28, 17, tzinfo=UTC)
    given = carried(ClaimState.FULFILLED, ("x", "funds", 6), ended_at=at - timedelta(hours=3))
    has = by(given, has=(resource("funds", 10, per="month"),))
    call, line = open_to_partners(), (Pledged(name="money", kind="funds", amount=10, unit="fen"),)
    with pytest.raises(ReserveTooSmall):
        must_carry(call, line, has, at, Terms(zone=UTC))
    must_carry(call, line, has, at, Terms(zone=ZoneInfo("Asia/Shanghai")))


def test_a_resource_that_was_made_smaller_is_never_below_zero() -> None:
    has = by(has=(resource("goods", 3, "pipe"),)).partner
    (stock,) = reserve_of(has, [carried(ClaimState.ACTIVE, ("pipe", "goods", 7))], LATER)
    assert (stock.reserved, stock.free) == (3, 0)


# ------------------------------------------------------------ too soon, and one's own


def test_who_gave_a_call_back_waits_before_it_claims_again() -> None:
    call = releasing(claiming(open_to_partners(), FIRST, pipe=12).state, FIRST).state
    with pytest.raises(CoolingDown) as refused:
        asked(call, by(), pipe=12)
    assert refused.value.now["again_at"] == (LATER + ASKS.cool_down).isoformat()
    assert asked(call, by(), at=LATER + ASKS.cool_down, pipe=12).events
    assert claim(call, pledge(pipe=12), order_id=ORDER, by=Claimant(SECOND), at=LATER, terms=ASKS).events


def test_whom_the_staff_took_it_from_waits_longer() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    forced = call.with_claim(call.active[0].ended(Ending.FORCED, LATER, "nobody came"))
    with pytest.raises(CoolingDown):
        asked(forced, by(), at=LATER + ASKS.cool_down, pipe=12)
    assert asked(forced, by(), at=LATER + ASKS.cool_down_forced, pipe=12).events


@pytest.mark.parametrize(
    "who",
    [
        by(people=frozenset({"wang", "member-of-1"})),
        by(homes=(("370203/370203014/370203014008", "1-101"),)),
        by(homes=((AREA, "1-101"),)),
    ],
)
def test_nobody_claims_its_own_matter(who: Claimant) -> None:
    call = open_to_partners().but(own_of=("wang", "c-1"), households=("1-101", "1-102"))
    with pytest.raises(OwnMatter):
        asked(call, who, pipe=1)
    assert asked(call, who, terms=Terms(own_matter_allowed=True), pipe=1).events


def test_a_flat_of_the_same_number_elsewhere_is_another_household() -> None:
    call = open_to_partners().but(own_of=("wang",), households=("1-101",))
    who = by(people=frozenset({"li"}), homes=(("370203/370203015", "1-101"), (AREA, "1-103")))
    assert asked(call, who, pipe=1).events


def test_who_does_not_serve_the_area_claims_only_what_it_was_asked_for_by_name() -> None:
    elsewhere = Claimant(FIRST.but(areas=("370203/370203015",)))
    with pytest.raises(AreaNotServed) as refused:
        asked(open_to_partners(), elsewhere, pipe=1)
    assert refused.value.now["areas"] == ["370203/370203015"]
    assert asked(open_to_partners(), elsewhere, terms=Terms(elsewhere_allowed=True), pipe=1).events
    assert asked(open_to_partners(offered_to=(FIRST,)), elsewhere, pipe=1).events


def test_a_repeated_claim_changes_nothing_whatever_else_the_partner_carries() -> None:
    call = asked(open_to_partners(), by(), pipe=12).state
    full = by(*[carried(ClaimState.ACTIVE, n=n) for n in range(200)])
    assert asked(call, full, at=LATER + timedelta(hours=1), pipe=12).state is call
