"""How one becomes a partner and ceases to be one: every state meets every command, and who may decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from pydantic import ValidationError

from services.partners.domain.registry.partner import (
    NEXT,
    Contact,
    Member,
    MemberRole,
    PartnerState,
    Registered,
    Seat,
    must_act_for,
)
from services.partners.domain.registry.refusals import (
    HoldsClaims,
    NotAMember,
    NotAnOwner,
    NotAPartner,
    NotVerified,
    OutsideDistrict,
    OwnPartner,
    Suspended,
    SuspensionOver,
)
from services.partners.domain.registry.registering import (
    ApplyAsPartner,
    EditPartner,
    LeaveRegistry,
    RefusePartner,
    SuspendPartner,
    apply,
    apply_again,
    edit,
    end_suspension,
    leave,
    refuse,
    reinstate,
    suspend,
    verify,
)
from services.partners.domain.registry.resource import Name
from shared.caller import Caller, Role, system
from shared.problems import NoSuchName, NotAllowed, NotFound, RuleBroken, WrongState
from tests.unit.partners.given import LATER, TERMS
from tests.unit.partners.registry.registered import (
    COMMUNITY,
    COMMUNITY_AREA,
    ELSEWHERE,
    END,
    ID,
    MEMBER,
    OWNER,
    STRANGER,
    STREET,
    WORKER,
    application,
    applied,
    partner_in,
)

CHANGED = application(name=Name(zh="新五金店"))
EDITED = EditPartner(about=Name(zh="社区老店"), contact=Contact(name="李", telephone="0532-5550000"))
BAD, NO_PIPES = SuspendPartner(reason="未按约定施工"), RefusePartner(reason="执照已过期")

COMMANDS: dict[str, Callable[[Registered], Registered]] = {
    "apply again": lambda one: apply_again(one, CHANGED, by=OWNER, at=LATER, terms=TERMS),
    "edit": lambda one: edit(one, EDITED, by=MEMBER, at=LATER, terms=TERMS),
    "verify": lambda one: verify(one, by=COMMUNITY, at=LATER),
    "refuse": lambda one: refuse(one, NO_PIPES, by=COMMUNITY, at=LATER),
    "suspend": lambda one: suspend(one, BAD, by=STREET, at=LATER),
    "reinstate": lambda one: reinstate(one, by=STREET, at=LATER),
    "its end": lambda one: end_suspension(one, by=system("clock"), at=END),
    "leave": lambda one: leave(one, LeaveRegistry(), holds=0, by=OWNER, at=LATER),
    "leave with claims": lambda one: leave(one, LeaveRegistry(), holds=2, by=OWNER, at=LATER),
}

SAME = "same"
A, V, R, S, L = PartnerState
Wrong, Holds = WrongState, HoldsClaims

# fmt: off
WALK: dict[str, tuple[PartnerState | type[RuleBroken] | str, ...]] = {
    #                      applied  verified  refused  suspended  left
    "apply again":        (A,       Wrong,    A,       Wrong,     A),
    "edit":               (A,       V,        R,       S,         L),
    "verify":             (V,       SAME,     Wrong,   Wrong,     Wrong),
    "refuse":             (R,       Wrong,    Wrong,   Wrong,     Wrong),
    "suspend":            (Wrong,   S,        Wrong,   S,         Wrong),
    "reinstate":          (Wrong,   SAME,     Wrong,   V,         Wrong),
    "its end":            (SAME,    SAME,     SAME,    V,         SAME),
    "leave":              (L,       L,        Wrong,   L,         SAME),
    "leave with claims":  (Holds,   Holds,    Holds,   Holds,     SAME),
}
# fmt: on


@pytest.mark.parametrize("state", PartnerState)
@pytest.mark.parametrize("command", WALK)
def test_every_state_of_a_partner_meets_every_command(state: PartnerState, command: str) -> None:
    partner = partner_in(state)
    expected = WALK[command][list(PartnerState).index(state)]
    if isinstance(expected, type) and issubclass(expected, RuleBroken):
        with pytest.raises(expected) as refused:
            COMMANDS[command](partner)
        assert type(refused.value) is expected
        return
    after = COMMANDS[command](partner)
    if expected == SAME:
        assert after is partner
        return
    assert after.state is expected
    assert expected is state or expected in NEXT[state]
    assert len(after.changes) == len(partner.changes) + 1, "it is written down who did what"


def test_every_move_of_the_registry_is_made_by_some_command() -> None:
    made = set()
    for state in PartnerState:
        for act in COMMANDS.values():
            try:
                after = act(partner_in(state)).state
            except RuleBroken:
                continue
            made |= {(state, after)} if after is not state else set()
    assert set(WALK) == set(COMMANDS)
    assert made == {(state, after) for state, some in NEXT.items() for after in some}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "its end"])
def test_what_is_done_twice_is_done_once(command: str) -> None:
    for state in PartnerState:
        try:
            after = COMMANDS[command](partner_in(state))
        except RuleBroken:
            continue
        assert COMMANDS[command](after) is after, f"{command}, {state}"


def test_who_has_left_says_no_other_reason_later() -> None:
    """Before (28d5448): 200, and the other reason was lost."""
    gone = leave(partner_in(PartnerState.VERIFIED), LeaveRegistry(), holds=0, by=OWNER, at=LATER)
    with pytest.raises(WrongState):
        leave(gone, LeaveRegistry(reason="we move"), holds=0, by=OWNER, at=LATER)


def test_whoever_applies_is_the_owner_and_can_claim_nothing_yet() -> None:
    one = applied()
    assert [(member.person, member.role) for member in one.members] == [("wang", MemberRole.OWNER)]
    with pytest.raises(NotVerified):
        one.must_be_able_to_claim()
    verified = verify(one, by=COMMUNITY, at=LATER)
    verified.must_be_able_to_claim()
    assert [(change.what, change.by) for change in verified.changes] == [
        ("applied", "wang"),
        ("verified", "community-1"),
    ]
    with pytest.raises(Suspended):
        suspend(verified, BAD, by=STREET, at=LATER).must_be_able_to_claim()


@pytest.mark.parametrize("state", PartnerState)
def test_staff_of_its_area_and_above_decide_and_nobody_else(state: PartnerState) -> None:
    partner = partner_in(state)
    district = Caller("district-1", Role.DISTRICT, area="370203")
    assert [partner.is_decided_by(by) for by in (COMMUNITY, STREET, district)] == [True] * 3
    unseen = NotAllowed if partner.is_public else NotFound
    for by, why in ((ELSEWHERE, unseen), (WORKER, unseen), (STRANGER, unseen), (OWNER, NotAllowed)):
        with pytest.raises(why) as refused:
            verify(partner, by=by, at=LATER)
        assert type(refused.value) is why


def test_who_serves_more_than_one_area_is_decided_about_above_all_of_them() -> None:
    street, next_street = "370203/370203014", "370203/370203015"
    district = Caller("district-1", Role.DISTRICT, area="370203")
    for areas, expected in (
        ((street,), [False, True, True]),
        ((COMMUNITY_AREA, street), [False, True, True]),
        ((COMMUNITY_AREA, next_street), [False, False, True]),
        (("370203",), [False, False, True]),
    ):
        partner = applied().but(areas=areas)
        assert [partner.is_decided_by(by) for by in (COMMUNITY, STREET, district)] == expected


def test_nobody_applies_for_another_district() -> None:
    for areas in (("110101",), (COMMUNITY_AREA, "110101/110101001")):
        elsewhere = application(areas=areas)
        with pytest.raises(OutsideDistrict, match="110101"):
            apply(elsewhere, id=ID, by=OWNER, at=LATER, terms=TERMS)
        with pytest.raises(OutsideDistrict):
            apply_again(partner_in(PartnerState.LEFT), elsewhere, by=OWNER, at=LATER, terms=TERMS)


def test_a_category_that_does_not_exist_is_refused_and_what_was_said_before_stays() -> None:
    terms = replace(TERMS, categories=frozenset({"heating", "noise"}))
    acts: tuple[Callable[[ApplyAsPartner], Registered], ...] = (
        lambda body: apply(body, id=ID, by=OWNER, at=LATER, terms=terms),
        lambda body: apply_again(applied(), body, by=OWNER, at=LATER, terms=terms),
        lambda body: edit(applied(), body, by=OWNER, at=LATER, terms=terms),
    )
    for act in acts:
        with pytest.raises(NoSuchName) as refused:
            act(application(categories=("heatin",)))
        assert refused.value.now == {"what": "category", "name": "heatin", "nearest": ["heating"]}
    old = applied().but(categories=("gone",))
    kept = EditPartner(contact=CHANGED.contact, categories=("gone", "noise"))
    assert edit(old, kept, by=OWNER, at=LATER, terms=terms).categories == ("gone", "noise")


def test_nobody_decides_about_a_partner_of_their_own() -> None:
    own = applied().but(members=(Member(person=COMMUNITY.id, role=MemberRole.MEMBER, since=LATER),))
    for act in (COMMANDS["verify"], COMMANDS["refuse"]):
        with pytest.raises(OwnPartner):
            act(own)


def test_a_refusal_has_a_reason_and_an_application_after_it_has_none() -> None:
    refused = refuse(applied(), NO_PIPES, by=COMMUNITY, at=LATER)
    assert refused.reason == "执照已过期"
    again = apply_again(refused, CHANGED, by=OWNER, at=LATER, terms=TERMS)
    assert (again.reason, str(again.name)) == ("", "新五金店")
    with pytest.raises(ValidationError):
        RefusePartner(reason=" ")


def test_a_suspension_ends_when_it_was_said_to_and_not_before() -> None:
    partner = partner_in(PartnerState.VERIFIED)
    for_a_while = suspend(partner, SuspendPartner(reason="整改", until=END), by=STREET, at=LATER)
    early = END - timedelta(seconds=1)
    assert end_suspension(for_a_while, by=system("clock"), at=early) is for_a_while
    assert end_suspension(for_a_while, by=system("clock"), at=END).may_claim
    local = SuspendPartner(reason="整改", until=END.astimezone(timezone(timedelta(hours=8))))
    kept = suspend(partner, local, by=STREET, at=LATER).model_dump(mode="json")["suspended_until"]
    assert kept.endswith("Z"), "ends are looked for as texts"
    for_good = suspend(for_a_while, SuspendPartner(reason="整改"), by=STREET, at=LATER)
    assert end_suspension(for_good, by=system("clock"), at=END) is for_good
    with pytest.raises(SuspensionOver):
        suspend(partner, SuspendPartner(reason="整改", until=LATER), by=STREET, at=LATER)


@pytest.mark.parametrize("state", PartnerState)
def test_owners_leave_and_apply_again_members_edit_strangers_do_neither(state: PartnerState) -> None:
    partner = partner_in(state)
    acts: tuple[Callable[[Caller], Registered], ...] = (
        lambda by: leave(partner, LeaveRegistry(), holds=0, by=by, at=LATER),
        lambda by: apply_again(partner, CHANGED, by=by, at=LATER, terms=TERMS),
    )
    for act in acts:
        with pytest.raises(NotAnOwner):
            act(MEMBER)
        with pytest.raises(NotAMember if partner.is_public else NotFound):
            act(STRANGER)
    with pytest.raises(NotAMember if partner.is_public else NotFound):
        edit(partner, EDITED, by=COMMUNITY, at=LATER, terms=TERMS)


def test_the_public_learns_no_contact_no_licence_and_no_people() -> None:
    partner = edit(partner_in(PartnerState.VERIFIED), EDITED, by=MEMBER, at=LATER, terms=TERMS)
    public = partner.public().model_dump_json()
    for secret in ("5550000", "91370203MA3C", OWNER.id, "contact", "changes", "members"):
        assert secret not in public
    assert "社区老店" in public
    noted = "".join(change.model_dump_json() for change in partner.changes)
    assert "5550000" not in noted


def test_who_was_never_verified_is_public_in_no_state_and_who_left_keeps_a_name() -> None:
    waits, seat = applied(), Seat(longitude=120.36, latitude=36.09)
    verified = verify(waits, by=COMMUNITY, at=LATER)
    gone = [
        leave(one.but(seat=seat), LeaveRegistry(), holds=0, by=OWNER, at=LATER) for one in (waits, verified)
    ]
    again = apply_again(gone[1], CHANGED, by=OWNER, at=LATER, terms=TERMS)
    withdrawn = leave(again, LeaveRegistry(), holds=0, by=OWNER, at=LATER)
    refused = refuse(waits, NO_PIPES, by=COMMUNITY, at=LATER)
    assert [one.is_public for one in (waits, gone[0], refused, again, withdrawn)] == [False] * 5
    assert [one.is_public for one in (verified, gone[1])] == [True] * 2
    assert (verified.but(seat=seat).public().seat, gone[1].public().seat) == (seat, None)
    of_the_file = Registered(**verified.public().model_dump())
    assert of_the_file.but(state=PartnerState.LEFT).is_public


def test_a_telephone_number_in_a_reason_or_a_name_is_masked() -> None:
    refused = refuse(applied(), RefusePartner(reason="打 13812345678 没人接"), by=COMMUNITY, at=LATER)
    assert "13812345678" not in refused.model_dump_json()
    assert Name(zh="王 13812345678").zh == "王 ***"


def test_only_the_latest_changes_are_kept() -> None:
    one = partner_in(PartnerState.VERIFIED)
    for n in range(150):
        one = suspend(one, SuspendPartner(reason=f"第{n}次"), by=STREET, at=LATER)
        one = reinstate(one, by=STREET, at=LATER)
    assert len(one.changes) == 200
    assert one.changes[-2].note == "第149次"


def test_a_partner_with_members_is_served_by_them_alone() -> None:
    token = Caller("li", Role.PARTNER, partner=str(applied().id))
    must_act_for((), token)
    must_act_for(("wang", "li"), token)
    with pytest.raises(NotAPartner):
        must_act_for(("wang",), token)


def test_what_was_kept_before_people_were_is_read() -> None:
    old = partner_in(PartnerState.VERIFIED).public().model_dump(mode="json")
    read = Registered.model_validate({**old, "changed_at": "2026-03-02T01:00:00Z", "later": 1})
    assert (read.members, read.contact, read.areas) == ((), None, (COMMUNITY_AREA,))
    assert read.role_of(Caller("x", Role.PARTNER, partner=str(read.id))) is MemberRole.OWNER


def test_an_error_of_reading_shows_nobodys_number() -> None:
    kept = partner_in(PartnerState.VERIFIED).model_dump(mode="json")
    broken = {**kept, "contact": {"name": "王", "telephone": "打13812345678"}}
    with pytest.raises(ValidationError) as refused:
        Registered.model_validate(broken)
    assert "13812345678" not in str(refused.value)


@pytest.mark.parametrize("zh", ["甲 / 乙", "甲 /"])
def test_a_chinese_name_never_looks_like_two(zh: str) -> None:
    """Messages have both languages as one text, which readers take apart."""
    assert application(name=Name(zh="甲/乙", en="A / B")).name.en == "A / B"
    with pytest.raises(ValidationError):
        application(name=Name(zh=zh, en="B"))
