"""The registry of partners on a real database, and the roster of those who may claim in every replica's memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.partners.books import Registry
from services.partners.commands.apply_again import apply_again
from services.partners.commands.apply_as_partner import apply_as_partner
from services.partners.commands.leave_registry import leave_registry
from services.partners.domain.call import Call
from services.partners.domain.registry.alliance import Alliance
from services.partners.domain.registry.partner import (
    Home,
    Member,
    MemberRole,
    Partner,
    PartnerState,
    Registered,
)
from services.partners.domain.registry.refusals import AlreadyApplied, NotAPartner
from services.partners.domain.registry.registering import LeaveRegistry
from services.partners.domain.registry.resource import Name
from services.partners.queries.registry import RegistrationOut, registrations_in
from services.partners.store import INDEXES, Calls
from shared.asked import Asked
from shared.caller import Caller, Role, system
from shared.naming import Names
from shared.problems import Changed, KeyReused, LostRace, NotFound
from shared.store import Database, Record, decide_record
from shared.telemetry import trace_from
from tests.integration.waiting import eventually
from tests.parts import Servers
from tests.unit.partners.given import FIRST, SECOND, TERMS, THIRD
from tests.unit.partners.registry.registered import COMMUNITY_AREA, application


@dataclass
class Replicas:
    """Opens the registry as each replica of the service does."""

    servers: Servers
    names: Names
    databases: list[Database] = field(default_factory=list)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self, *first: Partner) -> Registry:
        database = Database(self.servers.settings(self.names), "partners")
        await database.open()
        self.databases.append(database)
        registry = Registry(first)
        await registry.open(database)
        await self.stack.enter_async_context(registry.kept_fresh())
        return registry

    def asked(self) -> Asked:
        return Asked(system("test"), self.databases[0].now(), trace_from(None))


@pytest.fixture
async def replicas(servers: Servers, names: Names) -> AsyncIterator[Replicas]:
    replicas = Replicas(servers, names)
    yield replicas
    await replicas.stack.aclose()
    for database in replicas.databases:
        await database.close()


async def test_the_file_fills_what_is_empty_and_changes_nothing_that_is_there(replicas: Replicas) -> None:
    first = await replicas.open(FIRST, SECOND)
    kept = await first.get(FIRST.id)
    await first.put(kept.value.but(categories=("heating",)), replicas.asked(), on=kept.version)

    second = await replicas.open(FIRST, SECOND, THIRD)

    assert set(second.roster.partners) == {FIRST.id, SECOND.id, THIRD.id}
    assert second.roster.partners[FIRST.id].categories == ("heating",)


async def test_every_replica_hears_of_a_change(replicas: Replicas) -> None:
    here, there = await replicas.open(FIRST), await replicas.open(FIRST)
    new = Registered(**SECOND.model_dump())
    kept = await here.put(new, replicas.asked(), on=0)
    assert SECOND.id in here.roster.partners, "at once where it was made"
    await eventually(lambda: SECOND.id in there.roster.partners)

    await here.put(kept.value.but(state=PartnerState.SUSPENDED), replicas.asked(), on=kept.version)

    await eventually(lambda: SECOND.id not in there.roster.partners)
    assert set(there.roster.partners) == {FIRST.id}


async def test_of_two_changes_of_one_version_one_is_kept(replicas: Replicas) -> None:
    registry = await replicas.open(FIRST)
    read = await registry.get(FIRST.id)
    await registry.put(read.value.but(categories=("heating",)), replicas.asked(), on=read.version)
    with pytest.raises(LostRace):
        await registry.put(read.value.but(categories=("noise",)), replicas.asked(), on=read.version)
    assert (await registry.get(FIRST.id)).value.categories == ("heating",)
    with pytest.raises(NotFound):
        await registry.get(SECOND.id)


async def test_what_has_changed_is_read_once(replicas: Replicas, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = await replicas.open(FIRST, SECOND)
    read, looked_for = registry._records.many, list[str]()

    async def many(ids: Iterable[str]) -> list[Record[Registered]]:
        looked_for.extend(ids)
        return await read(ids)

    monkeypatch.setattr(registry._records, "many", many)
    kept = await registry.get(FIRST.id)
    await registry.put(kept.value.but(categories=("heating",)), replicas.asked(), on=kept.version)
    for _ in range(3):
        await registry.refresh()
    assert looked_for == [str(FIRST.id)]
    assert registry.roster.partners[FIRST.id].categories == ("heating",)


async def test_pages_show_those_who_may_claim(replicas: Replicas) -> None:
    registry = await replicas.open(FIRST, SECOND, THIRD)
    read = await registry.get(SECOND.id)
    await registry.put(read.value.but(state=PartnerState.LEFT), replicas.asked(), on=read.version)

    page = await registry.page(kind=None, resource=None, area="370203", cursor=None, limit=1)
    rest = await registry.page(kind=None, resource=None, area="370203", cursor=page.next, limit=1)

    assert [one.id for one in (*page.items, *rest.items)] == [FIRST.id, THIRD.id]
    assert rest.next is None


async def test_a_suspension_ends_by_itself_in_every_replica(replicas: Replicas) -> None:
    here, there = await replicas.open(FIRST), await replicas.open(FIRST)
    read, asked = await here.get(FIRST.id), replicas.asked()
    ending = {"state": PartnerState.SUSPENDED, "suspended_until": asked.now + timedelta(seconds=1)}
    await here.put(read.value.but(**ending), asked, on=read.version)
    assert FIRST.id not in here.roster.partners

    await eventually(lambda: FIRST.id in here.roster.partners)
    await eventually(lambda: FIRST.id in there.roster.partners)

    ended = await here.get(FIRST.id)
    assert [(change.what, change.by) for change in ended.value.changes] == [("reinstated", "clock")]


async def test_what_was_saved_long_after_it_was_asked_for_is_heard_of(replicas: Replicas) -> None:
    here, there = await replicas.open(FIRST), await replicas.open(FIRST)
    read, asked = await there.get(FIRST.id), replicas.asked()
    frozen = replace(asked, now=asked.now - timedelta(minutes=1))
    await there.put(read.value.but(state=PartnerState.SUSPENDED), frozen, on=read.version)
    await eventually(lambda: FIRST.id not in here.roster.partners)


async def test_a_suspension_of_which_nobody_has_heard_ends_too(replicas: Replicas) -> None:
    registry = await replicas.open(FIRST)
    read, asked = await registry.get(FIRST.id), replicas.asked()
    ended = read.value.but(state=PartnerState.SUSPENDED, suspended_until=asked.now - timedelta(hours=1))
    await registry._records.put(
        str(FIRST.id), ended.but(changed_at=asked.now - timedelta(hours=2)), on=read.version
    )
    registry._ended_at -= timedelta(minutes=2)
    await registry._tick()
    assert (await registry.get(FIRST.id)).value.state is PartnerState.VERIFIED


async def test_who_is_removed_elsewhere_acts_here_no_more(replicas: Replicas) -> None:
    here, there = await replicas.open(FIRST), await replicas.open(FIRST)
    token = Caller("li", Role.PARTNER, partner=str(FIRST.id))
    here.must_act(token)
    read, asked = await there.get(FIRST.id), replicas.asked()
    wang = Member(person="wang", role=MemberRole.OWNER, since=asked.now)

    await there.put(read.value.but(members=(wang,)), asked, on=read.version)

    await eventually(lambda: refused(here, token))
    assert here.people_of(FIRST.id) == {"wang"}
    with pytest.raises(NotAPartner):
        await here.claimant(token)


def refused(registry: Registry, caller: Caller) -> bool:
    try:
        registry.must_act(caller)
    except NotAPartner:
        return True
    return False


async def test_who_claims_is_known_with_its_people_and_where_they_live(replicas: Replicas) -> None:
    registry = await replicas.open()
    home = Home(area="370203/370203014", household="1-101")
    wang = Member(person="wang", role=MemberRole.OWNER, since=replicas.asked().now, home=home)
    await registry.put(Registered(**FIRST.model_dump(), members=(wang,)), replicas.asked(), on=0)

    by = await registry.claimant(Caller("wang", Role.PARTNER, partner=str(FIRST.id)))

    assert by.homes == (("370203/370203014", "1-101"),)
    assert by.people == {"wang", str(FIRST.id)}


def applying(replicas: Replicas, person: str, key: str | None = None, body: str = "one") -> Asked:
    caller = Caller(person, Role.RESIDENT)
    now = replicas.databases[0].now()
    return Asked(caller, now, trace_from(None), key=key and f"{person}:{key}", fingerprint=body)


async def test_a_key_makes_one_partner_and_is_answered_as_it_was_whatever_became_of_it(
    replicas: Replicas,
) -> None:
    registry = await replicas.open()

    async def apply(key: str, body: str = "one") -> Record[Registered]:
        return await apply_as_partner(application(), registry, TERMS, applying(replicas, "wang", key, body))

    made = await apply("first")
    with pytest.raises(KeyReused):
        await apply("first", "another")
    verified = made.value.but(state=PartnerState.VERIFIED)
    await registry.put(verified, replicas.asked(), on=made.version)
    second = await apply("second")
    assert second.value.id != made.value.id

    again = await apply("first")
    wang, now = Caller("wang", Role.RESIDENT), replicas.asked().now
    assert RegistrationOut.of(again, wang, now) == RegistrationOut.of(made, wang, now)


async def test_of_many_applications_of_one_person_at_once_one_waits(replicas: Replicas) -> None:
    here, there = await replicas.open(), await replicas.open()
    for key in ("a key of its own", None):
        person = f"li-{key is None}"
        answers = await asyncio.gather(
            *[
                apply_as_partner(
                    application(),
                    (here, there)[n % 2],
                    TERMS,
                    applying(replicas, person, key and f"{key}{n}"),
                )
                for n in range(8)
            ],
            return_exceptions=True,
        )
        made = [one for one in answers if isinstance(one, Record)]
        assert len(made) == 1
        assert {type(one) for one in answers if not isinstance(one, Record)} == {AlreadyApplied}
        refused = made[0].value.but(id=SECOND.id, state=PartnerState.REFUSED)
        await here.put(refused, replicas.asked(), on=0)
        with pytest.raises(AlreadyApplied):
            await apply_again(SECOND.id, application(), here, TERMS, applying(replicas, person))
        await here._records.delete(str(SECOND.id), on=1)


async def test_staff_see_waiting_only_whom_they_decide_about(replicas: Replicas) -> None:
    registry = await replicas.open()
    street = Caller("street-1", Role.STREET, area="370203/370203014")
    district = Caller("district-1", Role.DISTRICT, area="370203")
    for n, areas in enumerate(((COMMUNITY_AREA,), (COMMUNITY_AREA, "370203/370203015"))):
        await apply_as_partner(application(areas=areas), registry, TERMS, applying(replicas, f"sun-{n}"))

    for staff, waiting in ((street, 1), (district, 2)):
        page = await registrations_in(
            registry, staff, state=PartnerState.APPLIED, area="370203/370203014", cursor=None, limit=10
        )
        assert len(page.items) == waiting


async def test_who_leaves_the_registry_leaves_its_alliances(replicas: Replicas) -> None:
    registry = await replicas.open()
    calls = await replicas.databases[0].entries(Calls, "calls", Call, INDEXES, lambda _: None)
    asked = applying(replicas, "wang")
    made = await apply_as_partner(application(), registry, TERMS, asked)
    id = made.value.id
    for name, how in (("in", "partners"), ("wants", "asking")):
        one = Alliance(id=name, name=Name(zh="聚盟"), area=COMMUNITY_AREA).but(**{how: (id,)})
        await registry.alliances.put(name, one, on=0)

    await leave_registry(id, LeaveRegistry(), calls, registry, asked)

    for name in ("in", "wants"):
        left = (await registry.alliances.get(name)).value
        assert (left.partners, left.asking) == ((), ())
    kept = await registry.get(id)
    assert await leave_registry(id, LeaveRegistry(), calls, registry, asked) == kept


async def test_partners_who_ask_at_once_all_belong_to_it_in_the_end(replicas: Replicas) -> None:
    """Each loses to another and decides again on what the winner wrote; the same again writes nothing."""
    registry, asked = await replicas.open(), replicas.asked()
    ids = [UUID(int=n) for n in range(1, 9)]
    await registry.alliances.put(
        "joined", Alliance(id="joined", name=Name(zh="聚盟"), area=COMMUNITY_AREA), on=0
    )

    def joins(id: UUID) -> Callable[[Alliance], Alliance]:
        return lambda one: one if id in one.partners else one.but(partners=(*one.partners, id))

    await asyncio.gather(*(decide_record(registry.alliances, "joined", asked, joins(id)) for id in ids))

    kept = await registry.alliances.get("joined")
    assert (set(kept.value.partners), kept.version) == (set(ids), 1 + len(ids))
    assert await decide_record(registry.alliances, "joined", asked, joins(ids[0])) == kept


async def test_who_looked_before_it_was_changed_changes_nothing(replicas: Replicas) -> None:
    registry, asked = await replicas.open(), replicas.asked()
    made = await registry.alliances.put(
        "seen", Alliance(id="seen", name=Name(zh="聚盟"), area=COMMUNITY_AREA), on=0
    )
    await registry.alliances.put("seen", made.value.but(asking=(FIRST.id,)), on=made.version)

    late = replace(asked, expects=made.version)
    with pytest.raises(Changed):
        await decide_record(registry.alliances, "seen", late, lambda one: one.but(asking=()))

    now = await registry.alliances.get("seen")
    assert now.value.asking == (FIRST.id,)
    seen = replace(asked, expects=now.version)
    assert (
        await decide_record(registry.alliances, "seen", seen, lambda one: one.but(asking=()))
    ).version == 3
