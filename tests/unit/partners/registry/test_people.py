"""The people of a partner, what it can give, and its alliances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.partners.domain.registry.alliance import (
    Alliance,
    AnswerRequest,
    PutAlliance,
    answer_request,
    ask_to_join,
    keep,
)
from services.partners.domain.registry.alliance import leave as leave_alliance
from services.partners.domain.registry.giving import add_resource, change_resource, withdraw_resource
from services.partners.domain.registry.members import (
    AnswerInvitation,
    InviteMember,
    SayHome,
    answer,
    invite,
    remove,
    say_home,
)
from services.partners.domain.registry.partner import Home, MemberRole, PartnerState, Registered
from services.partners.domain.registry.refusals import (
    AreaNotServed,
    InvitationOver,
    LastOwner,
    NotAMember,
    NotAnOwner,
    NotAsking,
    NotInvited,
    NotVerified,
    Suspended,
    TooManyMembers,
    TooManyResources,
)
from services.partners.domain.registry.resource import Name, Resource, ResourceIn
from services.partners.queries.registry import RegistrationOut
from shared.caller import Caller, Role
from shared.problems import NotAllowed, NotFound
from shared.store import Record
from tests.unit.partners.given import LATER
from tests.unit.partners.registry.registered import (
    COMMUNITY,
    COMMUNITY_AREA,
    ELSEWHERE,
    MEMBER,
    OWNER,
    STRANGER,
    STREET,
    applied,
    partner_in,
)

WEEK = timedelta(days=7)
HOME = Home(area="370203/370203014", household="1-101")
YES, NO = AnswerInvitation(accept=True), AnswerInvitation(accept=False)
VERIFIED = partner_in(PartnerState.VERIFIED)
ASKED = InviteMember(person=STRANGER.id)


def inviting(one: Registered, what: InviteMember = ASKED, by: Caller = OWNER, most: int = 200) -> Registered:
    return invite(one, what, by=by, at=LATER, good_for=WEEK, most=most)


def people(one: Registered) -> dict[str, MemberRole]:
    return {member.person: member.role for member in one.members}


def test_an_owner_invites_and_whoever_accepts_belongs_to_it() -> None:
    invited = inviting(VERIFIED)
    assert inviting(invited) is invited
    assert invited.invitations[0].until == LATER + WEEK
    joined = answer(invited, YES, by=STRANGER, at=LATER)
    assert people(joined)[STRANGER.id] is MemberRole.MEMBER
    assert joined.invitations == ()
    assert answer(joined, YES, by=STRANGER, at=LATER) is joined
    assert inviting(joined) is joined


def test_who_declines_or_comes_too_late_does_not_belong_to_it() -> None:
    invited = inviting(VERIFIED)
    declined = answer(invited, NO, by=STRANGER, at=LATER)
    assert (people(declined), declined.invitations) == (people(VERIFIED), ())
    for one, at in ((VERIFIED, LATER), (declined, LATER), (invited, LATER + WEEK)):
        with pytest.raises(NotInvited):
            answer(one, YES, by=STRANGER, at=at)
    with pytest.raises(NotFound):
        answer(applied(), YES, by=STRANGER, at=LATER)


def test_an_invitation_ends_when_it_says_but_no_later_than_is_set() -> None:
    for named, expected in ((timedelta(days=1), timedelta(days=1)), (timedelta(days=90), WEEK)):
        invited = inviting(VERIFIED, InviteMember(person=STRANGER.id, until=LATER + named))
        assert invited.invitations[0].until == LATER + expected


def test_an_invitation_that_is_over_is_neither_made_nor_shown() -> None:
    for until in (LATER, LATER - WEEK):
        with pytest.raises(InvitationOver):
            inviting(VERIFIED, InviteMember(person=STRANGER.id, until=until))
    invited = Record(inviting(VERIFIED), 1)
    assert len(RegistrationOut.of(invited, OWNER, LATER).invitations) == 1
    assert RegistrationOut.of(invited, OWNER, LATER + WEEK).invitations == []


def test_only_owners_invite_and_only_so_many() -> None:
    with pytest.raises(NotAnOwner):
        inviting(VERIFIED, by=MEMBER)
    with pytest.raises(NotAMember):
        inviting(VERIFIED, by=STRANGER)
    with pytest.raises(TooManyMembers):
        inviting(VERIFIED, most=2)


def test_a_member_is_asked_to_own_it_too() -> None:
    invited = inviting(VERIFIED, InviteMember(person=MEMBER.id, role=MemberRole.OWNER))
    joined = answer(invited, YES, by=MEMBER, at=LATER)
    assert people(joined) == {OWNER.id: MemberRole.OWNER, MEMBER.id: MemberRole.OWNER}
    assert people(remove(joined, OWNER.id, by=OWNER, at=LATER)) == {MEMBER.id: MemberRole.OWNER}


def test_whoever_invites_first_for_a_partner_without_members_becomes_its_owner() -> None:
    bare = VERIFIED.but(members=())
    token = Caller("hardware", Role.PARTNER, partner=str(bare.id))
    assert people(inviting(bare, by=token)) == {"hardware": MemberRole.OWNER}


def test_an_owner_removes_a_member_and_anybody_may_go() -> None:
    assert people(remove(VERIFIED, MEMBER.id, by=OWNER, at=LATER)) == {OWNER.id: MemberRole.OWNER}
    assert people(remove(VERIFIED, MEMBER.id, by=MEMBER, at=LATER)) == {OWNER.id: MemberRole.OWNER}
    assert remove(inviting(VERIFIED), STRANGER.id, by=OWNER, at=LATER).invitations == ()
    assert remove(VERIFIED, STRANGER.id, by=OWNER, at=LATER) is VERIFIED
    with pytest.raises(NotAnOwner):
        remove(VERIFIED, OWNER.id, by=MEMBER, at=LATER)


def test_the_last_owner_cannot_go_nor_become_less() -> None:
    with pytest.raises(LastOwner):
        remove(VERIFIED, OWNER.id, by=OWNER, at=LATER)
    invited = inviting(VERIFIED, InviteMember(person=OWNER.id, role=MemberRole.MEMBER))
    with pytest.raises(LastOwner):
        answer(invited, YES, by=OWNER, at=LATER)


# ---------------------------------------------------------------- what it can give

RACK = Resource(
    kind="goods",
    codes=("rack",),
    name=Name(zh="晾衣架"),
    quantity=5,
    unit="piece",
    area=COMMUNITY_AREA,
)


def test_members_say_what_the_partner_can_give_and_an_id_never_comes_twice() -> None:
    one = add_resource(VERIFIED, RACK, by=MEMBER, at=LATER)
    two = add_resource(one, RACK.model_copy(update={"quantity": 7}), by=MEMBER, at=LATER)
    assert [(each.id, each.quantity) for each in two.resources] == [("r1", 5), ("r2", 7)]
    assert add_resource(two, RACK, by=MEMBER, at=LATER) is two, "the same twice is one"
    third = add_resource(
        withdraw_resource(two, "r2", by=MEMBER, at=LATER),
        RACK.model_copy(update={"quantity": 9}),
        by=MEMBER,
        at=LATER,
    )
    assert [each.id for each in third.resources] == ["r1", "r3"]


def test_what_is_said_is_kept_in_its_own_form_which_may_be_of_any_age() -> None:
    said = ResourceIn(**RACK.model_dump())
    one = add_resource(VERIFIED, said.kept(), by=MEMBER, at=LATER)
    assert add_resource(one, RACK, by=MEMBER, at=LATER) is one, "the same"
    for_ever = RACK.model_dump(mode="json") | {"ends": "9999-12-31"}
    assert Resource.model_validate(for_ever).is_there_on(LATER.date())
    with pytest.raises(ValidationError, match="the year must be"):
        ResourceIn.model_validate(for_ever)


def test_an_id_from_the_file_is_not_given_again_either() -> None:
    listed = VERIFIED.but(
        resources=(RACK.model_copy(update={"id": "r1"}), RACK.model_copy(update={"id": "r2"}))
    )
    left = withdraw_resource(listed, "r2", by=MEMBER, at=LATER)
    assert (
        add_resource(left, RACK.model_copy(update={"quantity": 1}), by=MEMBER, at=LATER).resources[-1].id
        == "r3"
    )


def test_a_unit_has_no_telephone_number() -> None:
    named = Resource.model_validate({**RACK.model_dump(), "unit": "13812345678"})
    assert "13812345678" not in named.unit


def test_a_resource_is_changed_in_its_place() -> None:
    one = add_resource(VERIFIED, RACK, by=MEMBER, at=LATER)
    less = change_resource(one, "r1", RACK.model_copy(update={"quantity": 1}), by=OWNER, at=LATER)
    assert [(each.id, each.quantity) for each in less.resources] == [("r1", 1)]
    assert change_resource(less, "r1", less.resources[0], by=OWNER, at=LATER) is less
    acts: tuple[Callable[[], Registered], ...] = (
        lambda: change_resource(less, "r9", RACK, by=OWNER, at=LATER),
        lambda: withdraw_resource(less, "r9", by=OWNER, at=LATER),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_what_a_partner_no_longer_says_it_has_is_remembered() -> None:
    one = add_resource(VERIFIED, RACK, by=MEMBER, at=LATER)
    less = change_resource(one, "r1", RACK.model_copy(update={"quantity": 1}), by=OWNER, at=LATER)
    assert less.withdrew == ()
    things = tuple(f"goods|{code}" for code in RACK.codes)
    assert withdraw_resource(less, "r1", by=OWNER, at=LATER).withdrew == things
    other = change_resource(less, "r1", RACK.model_copy(update={"codes": ("x",)}), by=OWNER, at=LATER)
    assert other.withdrew == things


def test_a_partner_gives_only_where_it_serves_and_only_its_members_say_so() -> None:
    wide = RACK.model_copy(update={"area": "370203"})
    with pytest.raises(AreaNotServed):
        add_resource(VERIFIED, wide, by=MEMBER, at=LATER)
    with pytest.raises(AreaNotServed):
        change_resource(add_resource(VERIFIED, RACK, by=MEMBER, at=LATER), "r1", wide, by=MEMBER, at=LATER)
    acts: tuple[Callable[[], Registered], ...] = (
        lambda: add_resource(VERIFIED, RACK, by=STRANGER, at=LATER),
        lambda: change_resource(VERIFIED, "r1", RACK, by=STRANGER, at=LATER),
        lambda: withdraw_resource(VERIFIED, "r1", by=STRANGER, at=LATER),
    )
    for act in acts:
        with pytest.raises(NotAMember):
            act()


def test_a_partner_has_so_many_resources_and_no_more() -> None:
    full = VERIFIED.but(
        resources=tuple([RACK.model_copy(update={"id": f"r{n}", "quantity": n}) for n in range(10, 210)])
    )
    with pytest.raises(TooManyResources):
        add_resource(full, RACK, by=MEMBER, at=LATER)


# ---------------------------------------------------------------- alliances

PUT = PutAlliance(name=Name(zh="红色合伙人聚盟"), area=COMMUNITY_AREA)
ADMIT = AnswerRequest(partner_id=VERIFIED.id, admit=True)
DECLINE = AnswerRequest(partner_id=VERIFIED.id, admit=False)


def alliance() -> Alliance:
    return keep(None, "red", PUT, by=COMMUNITY, at=LATER)


def test_staff_of_the_area_keep_an_alliance() -> None:
    made = alliance()
    assert keep(made, "red", PUT, by=STREET, at=LATER) is made
    wider = PutAlliance(name=PUT.name, area="370203/370203014")
    assert keep(made, "red", wider, by=STREET, at=LATER).area == "370203/370203014"
    for by, put in ((COMMUNITY, wider), (ELSEWHERE, PUT), (OWNER, PUT)):
        with pytest.raises(NotAllowed):
            keep(made, "red", put, by=by, at=LATER)
    moved = PutAlliance(name=PUT.name, area=ELSEWHERE.area or "")
    with pytest.raises(NotAllowed):
        keep(made, "red", moved, by=ELSEWHERE, at=LATER)


def test_a_partner_asks_and_belongs_to_it_when_the_staff_say_so() -> None:
    asked = ask_to_join(alliance(), VERIFIED, by=OWNER, at=LATER)
    assert ask_to_join(asked, VERIFIED, by=OWNER, at=LATER) is asked
    for by in (ELSEWHERE, OWNER):
        with pytest.raises(NotAllowed):
            answer_request(asked, ADMIT, by=by, at=LATER)
    joined = answer_request(asked, ADMIT, by=COMMUNITY, at=LATER)
    assert (joined.partners, joined.asking) == ((VERIFIED.id,), ())
    assert answer_request(joined, ADMIT, by=COMMUNITY, at=LATER) is joined
    assert ask_to_join(joined, VERIFIED, by=OWNER, at=LATER) is joined
    declined = answer_request(asked, DECLINE, by=COMMUNITY, at=LATER)
    assert (declined.partners, declined.asking) == ((), ())
    with pytest.raises(NotAsking):
        answer_request(declined, ADMIT, by=COMMUNITY, at=LATER)


def test_owners_of_partners_that_may_claim_ask() -> None:
    with pytest.raises(NotAnOwner):
        ask_to_join(alliance(), VERIFIED, by=MEMBER, at=LATER)
    for state, why in ((PartnerState.SUSPENDED, Suspended), (PartnerState.APPLIED, NotVerified)):
        with pytest.raises(why):
            ask_to_join(alliance(), partner_in(state), by=OWNER, at=LATER)


def test_a_partner_asks_where_it_serves_something() -> None:
    street, other = "370203/370203014", "370203/370203015"
    of_street = alliance().but(area=street)
    for areas in ((COMMUNITY_AREA,), (street,), ("370203",), (other, COMMUNITY_AREA)):
        assert ask_to_join(of_street, VERIFIED.but(areas=areas), by=OWNER, at=LATER).asking
    with pytest.raises(AreaNotServed):
        ask_to_join(of_street, VERIFIED.but(areas=(other,)), by=OWNER, at=LATER)


def test_an_owner_or_the_staff_end_what_a_partner_has_with_an_alliance() -> None:
    asked = ask_to_join(alliance(), VERIFIED, by=OWNER, at=LATER)
    joined = answer_request(asked, ADMIT, by=COMMUNITY, at=LATER)
    for one in (asked, joined):
        for by in (OWNER, COMMUNITY):
            left = leave_alliance(one, VERIFIED, by=by, at=LATER)
            assert (left.partners, left.asking) == ((), ())
            assert leave_alliance(left, VERIFIED, by=by, at=LATER) is left
        with pytest.raises(NotAnOwner):
            leave_alliance(one, VERIFIED, by=MEMBER, at=LATER)
        with pytest.raises(NotAMember):
            leave_alliance(one, VERIFIED, by=ELSEWHERE, at=LATER)


def test_a_member_says_where_it_lives_and_the_changes_do_not_tell_of_it() -> None:
    said = say_home(VERIFIED, SayHome(home=HOME), by=OWNER)
    assert [one.home for one in said.members] == [HOME, None]
    assert said.changes == VERIFIED.changes
    assert say_home(said, SayHome(home=HOME), by=OWNER) is said
    assert say_home(said, SayHome(home=None), by=OWNER).members == VERIFIED.members
    for partner in (VERIFIED, VERIFIED.but(members=())):
        with pytest.raises(NotAMember):
            say_home(partner, SayHome(home=HOME), by=STRANGER)


def test_who_is_asked_to_own_it_too_lives_where_it_did() -> None:
    said = say_home(VERIFIED, SayHome(home=HOME), by=MEMBER)
    asked = inviting(said, InviteMember(person=MEMBER.id, role=MemberRole.OWNER))
    owns = answer(asked, AnswerInvitation(accept=True), by=MEMBER, at=LATER)
    assert [(one.role, one.home) for one in owns.members if one.person == MEMBER.id] == [
        (MemberRole.OWNER, HOME)
    ]


def test_who_joins_may_say_where_they_live_and_it_is_shown_to_nobody() -> None:
    joined = answer(
        inviting(VERIFIED, ASKED), AnswerInvitation(accept=True, home=HOME), by=STRANGER, at=LATER
    )
    assert [one.home for one in joined.members if one.person == STRANGER.id] == [HOME]
    shown = RegistrationOut.of(Record(joined, 1), OWNER, LATER)
    assert "1-101" not in shown.model_dump_json()
