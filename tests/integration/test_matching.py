"""What the market knows of what partners carry, and their boards, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.matching.facts import NOTHING, Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.score import Match, Scale, Why
from services.partners.domain.registry.partner import Partner, Seat
from services.partners.domain.registry.resource import Resource, key_of
from services.partners.domain.standing.appeals import AppealTo, DecideAppeal, appeal, decide_appeal
from services.partners.domain.terms import Terms
from services.partners.queries.claims import claims_of
from services.partners.queries.matching.board import BoardOut, Order, board_for, map_for
from services.partners.queries.matching.market import Market
from services.partners.queries.matching.needs import Needs
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import Caller, Role, system
from shared.entry import Decision
from shared.naming import Names
from shared.problems import Malformed, NotFound
from shared.store import Database
from shared.telemetry import trace_from
from tests.parts import Servers
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    NOW,
    SECOND,
    UNTIL,
    claiming,
    close,
    delivering,
    expire,
    held_by,
    member,
    note_verdict,
    open_to_partners,
    taking_all,
)

PIPE = key_of("goods", "m", "pipe")
PIPES = Resource.model_validate(
    {
        "kind": "goods",
        "codes": ["pipe"],
        "name": {"zh": "管", "en": "pipe"},
        "quantity": 20,
        "unit": "m",
        "area": "370203",
    }
)
HERE = {"longitude": 120.3638, "latitude": 36.0927}


class Shelf:
    """The list of calls and the market over it, as a replica has them."""

    def __init__(self, database: Database, calls: Calls, market: Market) -> None:
        self.database, self.calls, self.market, self.needs = database, calls, market, Needs(calls)
        self._number = 0

    async def put(self, call: Call) -> UUID:
        """The next order in time."""
        self._number += 1
        id = UUID(int=self._number << 80)
        await self.calls.place(
            id, Decision(call), Asked(system("test"), self.database.now(), trace_from(None))
        )
        return id

    async def board(self, of: Partner, order: Order = Order.BEST, limit: int = 20, **more: Any) -> BoardOut:
        asked: dict[str, Any] = {"area": None, "cursor": None} | more
        shown = await board_for(
            self.calls, self.market, self.needs, member(of), order=order, limit=limit, **asked
        )
        return BoardOut.model_validate_json(shown)


@pytest.fixture
async def shelf(servers: Servers, names: Names) -> AsyncIterator[Shelf]:
    database = Database(servers.settings(names), "partners")
    await database.open()
    calls = await database.entries(Calls, "calls", Call, INDEXES, lambda _: None)
    seated = FIRST.but(resources=(PIPES,), seat=Seat(**HERE))
    over = PIPES.model_copy(update={"ends": date(2020, 12, 31)})
    registry = Registry([seated, SECOND.but(resources=(over,))])
    await registry.open(database)
    market = Market(registry, Scale(held_most=2))
    await market.open(calls, database)
    yield Shelf(database, calls, market)
    await database.close()


async def test_what_is_promised_and_what_was_given_is_known_a_moment_later(shelf: Shelf) -> None:
    need = ("pipe", "goods", 5)
    held = claiming(open_to_partners(need), FIRST, pipe=3).state
    await shelf.put(held)
    done = delivering(taking_all(open_to_partners(need), FIRST).state, FIRST).state
    await shelf.put(close(done, outcome="solved", at=datetime.now(UTC)).state)
    await shelf.put(expire(held, UNTIL).state)
    assert shelf.market.loads == {}

    await shelf.market.refresh()

    load = shelf.market.loads[FIRST.id]
    assert (load.held, load.worked) == (1, frozenset({AREA}))
    assert {per: taken[PIPE] for per, taken in load.taken.items()} == {"once": 8, "year": 8, "month": 8}
    assert shelf.market.loads.get(SECOND.id, NOTHING) is NOTHING
    fit = shelf.market.fit(FIRST.id, Wanted.of(open_to_partners(("pipe", "goods", 20))))
    assert isinstance(fit, Match)
    assert fit.covers[0].free == 12


async def test_a_claim_given_back_is_no_longer_carried(shelf: Shelf) -> None:
    id = await shelf.put(claiming(open_to_partners(), FIRST, pipe=3).state)
    await shelf.market.refresh()
    assert shelf.market.loads[FIRST.id].held == 1
    asked = Asked(system("test"), shelf.database.now(), trace_from(None))
    entry = await shelf.calls.load(id, asked)
    await shelf.calls.save(entry, expire(entry.state, LATER), asked)
    await shelf.market.refresh()
    after = shelf.market.loads[FIRST.id]
    assert (after.held, [taken[PIPE] for taken in after.taken.values()]) == (0, [0, 0, 0])


async def test_what_residents_said_counts_until_an_appeal_is_upheld(shelf: Shelf) -> None:
    now = datetime.now(UTC)
    call = delivering(taking_all(open_to_partners(), FIRST).state, FIRST).state
    for n, verdict in enumerate(("satisfied", "mostly", "unsatisfied"), 1):
        call = note_verdict(call, n=n, verdict=verdict, at=now).state
    await shelf.put(call)
    theirs = delivering(taking_all(open_to_partners(), SECOND).state, SECOND).state
    other = note_verdict(theirs, n=1, verdict="unsatisfied", at=now)
    id = await shelf.put(other.state)
    await shelf.market.refresh()
    loads = shelf.market.loads
    assert [(loads[one.id].satisfied, loads[one.id].evaluated) for one in (FIRST, SECOND)] == [(2, 3), (0, 1)]

    asked = Asked(system("test"), shelf.database.now(), trace_from(None))
    entry = await shelf.calls.load(id, asked)
    of = AppealTo(against="verdict", of="1", reason="it was not us")
    made = appeal(
        entry.state, of, order_id=id, partner_id=SECOND.id, person="li", at=now, terms=Terms()
    ).state
    street, upheld = Caller("s", Role.STREET, area=AREA), DecideAppeal(decision="upheld", answer="so it was")
    decision = decide_appeal(
        made, made.appeals[0].id, upheld, by=street, at=asked.now, people_of=lambda _: frozenset()
    )
    await shelf.calls.save(entry, decision, asked)
    await shelf.market.refresh()
    assert shelf.market.loads[SECOND.id].evaluated == 0


async def test_a_board_shows_what_fits_the_best_first_in_pages(shelf: Shelf) -> None:
    far = {"longitude": 120.40, "latitude": 36.11}
    near_id = await shelf.put(open_to_partners(("pipe", "goods", 5)).but(**HERE))
    far_id = await shelf.put(open_to_partners(("pipe", "goods", 5)).but(**far))
    racks = await shelf.put(open_to_partners(("rack", "goods", 1)).but(**HERE))
    await shelf.put(open_to_partners(("pipe", "goods", 5), offered_to=(SECOND,)))

    first = await shelf.board(FIRST, limit=1)
    second = await shelf.board(FIRST, limit=1, cursor=first.next)
    assert [[one.order_id for one in page.items] for page in (first, second)] == [[near_id], [far_id]]
    assert second.next is None
    (best,) = first.items
    assert best.match is not None
    assert best.match.words.en == "has 20 m of pipe · less than 100 m away · nobody has evaluated it yet"
    assert sum(one.points for one in best.match.factors) == best.match.score

    nearest = await shelf.board(FIRST, Order.NEAREST)
    assert [one.order_id for one in nearest.items] == [near_id, racks, far_id]
    newest = await shelf.board(FIRST, Order.NEWEST)
    assert [one.order_id for one in newest.items] == [racks, far_id, near_id]
    why = newest.items[0].why_not
    assert why is not None
    assert why.en == "has nothing free of what is missing"
    with pytest.raises(Malformed):
        await shelf.board(FIRST, cursor="x.y")


async def test_a_call_is_read_again_only_when_it_changed(shelf: Shelf) -> None:
    id = await shelf.put(open_to_partners(("pipe", "goods", 5)))
    asked = Asked(system("test"), shelf.database.now(), trace_from(None))

    async def need() -> Wanted:
        return (await shelf.needs.of(await shelf.calls.fitting(FIRST.id, None, [PIPE])))[id]

    first = await need()
    assert await need() is first
    entry = await shelf.calls.load(id, asked)
    await shelf.calls.save(entry, claiming(entry.state, SECOND, pipe=3), asked)
    assert [(one.parts[0].missing, one is first) for one in (await need(), first)] == [(2, False), (5, True)]


async def test_what_is_taken_while_a_board_is_made_is_not_on_it(shelf: Shelf) -> None:
    class Slow(Needs):
        async def of(self, versions: Mapping[UUID, int]) -> dict[UUID, Wanted]:
            found = await super().of(versions)
            entry = await shelf.calls.load(id, asked)
            await shelf.calls.save(entry, taking_all(entry.state, SECOND), asked)
            return found

    id = await shelf.put(open_to_partners(("pipe", "goods", 5)))
    asked = Asked(system("test"), shelf.database.now(), trace_from(None))
    shelf.needs = Slow(shelf.calls)
    assert (await shelf.board(FIRST)).items == []


async def test_whoever_asks_first_does_not_wait_until_all_partners_are_sorted(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sorted_late(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Index, "keep", sorted_late)
    assert [
        one.partner_id for one in shelf.market.rank(Wanted.of(open_to_partners(("pipe", "goods", 5))))
    ] == [FIRST.id]


async def test_what_a_partner_has_in_hand_is_ordered_by_what_is_due_first(shelf: Shelf) -> None:
    def held(days: int | None) -> Call:
        call = claiming(open_to_partners(), FIRST, pipe=1).state
        due = None if days is None else NOW + timedelta(days=days)
        return call.with_claim(held_by(call, FIRST).but(due=due))

    some = [await shelf.put(held(days)) for days in (None, 3, 1)]
    await shelf.put(claiming(open_to_partners(), SECOND, pipe=1).state)
    gone = claiming(open_to_partners(), FIRST, pipe=1).state
    await shelf.put(expire(gone, UNTIL).state)

    mine = (await claims_of(shelf.calls, member(FIRST))).items

    assert [one.order_id for one in mine] == [some[2], some[1], some[0]]
    assert [one.next_at for one in mine] == [NOW + timedelta(days=1), NOW + timedelta(days=3), None]
    assert all(one.claim.mine and one.claim.epoch for one in mine)


async def test_the_map_shows_what_each_may_see(shelf: Shelf) -> None:
    mine = await shelf.put(open_to_partners().but(**HERE))
    await shelf.put(open_to_partners(offered_to=(SECOND,)).but(**HERE))
    await shelf.put(open_to_partners())  # told before places were

    async def shown(caller: Caller, area: str | None = None) -> list[str]:
        return [one["id"] for one in orjson.loads(await map_for(shelf.calls, caller, area))["features"]]

    assert await shown(member(FIRST)) == [str(mine)]
    assert len(await shown(member(SECOND))) == 2
    community = Caller("liu", Role.COMMUNITY, area="370203/370203014/370203014008")
    assert len(await shown(community)) == 2
    with pytest.raises(NotFound):
        await shown(community, "370203")


async def test_who_may_not_claim_is_told_so_and_nothing_of_areas(shelf: Shelf) -> None:
    assert shelf.market.fit(UUID(int=99), Wanted.of(open_to_partners())) is Why.MAY_NOT_CLAIM


async def test_what_could_be_had_once_is_not_free_today(shelf: Shelf) -> None:
    wanted = Wanted.of(open_to_partners(("pipe", "goods", 5)))
    assert shelf.market.fit(SECOND.id, wanted) is Why.HAS_NOTHING
    assert [match.partner_id for match in shelf.market.rank(wanted)] == [FIRST.id]
