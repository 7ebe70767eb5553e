"""Who pays: whole fen that add up at every moment."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.timeline import Funding
from services.intake.queries import FundingOut
from shared.contracts import from_dispatch as dispatch
from shared.contracts import from_partners as partners
from shared.contracts.from_partners.claims import PledgedLine
from shared.contracts.message import Message, copied
from tests.unit.intake.given import FIRST, PARTNER, SECOND, claim, hear, placed, told


def funded(*messages: Message) -> Funding:
    said = told(*((minute, message) for minute, message in enumerate(messages)))
    return hear(placed(), *(one for mine in said.values() for one in mine)).funding


def agreed(cost: int, shares: int, *, number: int = 1, yes: bool = True) -> dispatch.RoundClosedV1:
    return dispatch.RoundClosedV1(
        number=number,
        agreed=yes,
        cost=cost,
        shares=shares,
        subsidies=0,
        gap=cost - shares,
        consenting=1,
        households=1,
    )


def published(gap: int, round: int = 1) -> partners.CallPublishedV1:
    return partners.CallPublishedV1(round=round, lines=1, gap=gap, exclusive=False, offered=0)


def test_pledges_close_the_gap() -> None:
    funding = funded(agreed(100, 30), published(70), claim(FIRST, 20, 50), claim(SECOND, 50, 0))
    assert copied(FundingOut, funding) == FundingOut(cost=100, shares=30, subsidies=0, pledged=70, gap=0)


def test_what_is_released_is_missing_again() -> None:
    released = partners.ClaimReleasedV1(round=1, claim_id=FIRST, partner_id=PARTNER, gap=70, reopened=True)
    assert funded(agreed(100, 30), published(70), claim(FIRST, 70, 0), released).gap == 70


def test_a_round_without_agreement_changes_nothing() -> None:
    assert funded(agreed(100, 30), agreed(500, 0, number=2, yes=False)).cost == 100


def noticed(cost: int, shares: int, *, stands: bool) -> tuple[Message, ...]:
    figures = {"number": 2, "cost": cost, "shares": shares, "subsidies": 0, "gap": cost - shares}
    closed = dispatch.RoundClosedV2(agreed=True, binds=False, consenting=1, households=1, **figures)
    return closed, dispatch.NoticeClosedV1(stands=stands, objections=1, **figures)


def test_what_is_on_public_notice_binds_nobody_before_it_is_over() -> None:
    closed, over = noticed(500, 400, stands=True)
    assert funded(agreed(100, 30), closed).shares == 30
    assert copied(FundingOut, funded(agreed(100, 30), closed, over)).model_dump() == {
        "cost": 500, "shares": 400, "subsidies": 0, "pledged": 0, "gap": 100,
    }  # fmt: skip


def test_what_became_void_by_an_objection_never_bound() -> None:
    assert funded(agreed(100, 30), *noticed(500, 400, stands=False)).cost == 100


def test_goods_are_no_money() -> None:
    rack = partners.ClaimMadeV1(
        round=1, claim_id=FIRST, partner_id=PARTNER, partner_name="海岸建设", epoch=1, gap=0,
        lines=(PledgedLine(name="rack", kind="goods", amount=3, unit="piece"),),
    )  # fmt: skip
    assert copied(FundingOut, funded(published(0), rack)) == FundingOut(
        cost=0, shares=0, subsidies=0, pledged=0, gap=0
    )


def test_where_nobody_discussed_it_the_call_says_what_it_costs() -> None:
    assert copied(FundingOut, funded(published(70), claim(FIRST, 20, 50))) == FundingOut(
        cost=70, shares=0, subsidies=0, pledged=20, gap=50
    )


def test_a_withdrawn_or_expired_call_frees_whoever_took_a_part() -> None:
    begun = (agreed(100, 30), published(70), claim(FIRST, 20, 50))
    assert funded(*begun, dispatch.CallWithdrawnV1(round=1)).gap == 70
    assert funded(*begun, partners.CallExpiredV1(round=1, gap=70)).gap == 70
    again = claim(SECOND, 70, 0).model_copy(update={"round": 2})
    assert funded(*begun, dispatch.CallWithdrawnV1(round=1), published(70, round=2), again).gap == 0


def test_a_need_that_grew_costs_more_where_nobody_discussed_it() -> None:
    grown = partners.ChangePublishedV1(round=1, change=1, gap=80, reopened=False)
    assert copied(FundingOut, funded(published(70), claim(FIRST, 20, 50), grown)) == FundingOut(
        cost=100, shares=0, subsidies=0, pledged=20, gap=80
    )


def test_when_the_call_has_ended_nobody_knows_what_it_costs() -> None:
    begun = (published(70), claim(FIRST, 20, 50))
    for end in (dispatch.CallWithdrawnV1(round=1), partners.CallExpiredV1(round=1, gap=70)):
        assert copied(FundingOut, funded(*begun, end)) == FundingOut(
            cost=0, shares=0, subsidies=0, pledged=0, gap=0
        )
    assert funded(*begun, dispatch.CallWithdrawnV1(round=1), published(60, round=2)).gap == 60


amounts = st.integers(0, 2**40)


@given(
    st.lists(
        st.one_of(
            st.builds(agreed, amounts.map(lambda fen: fen + 2**40), amounts),
            st.builds(published, amounts),
            st.builds(claim, st.sampled_from([UUID(int=n) for n in range(4)]), amounts, amounts),
            st.builds(
                partners.ChangePublishedV1,
                round=st.integers(1, 2),
                change=st.just(1),
                gap=amounts,
                reopened=st.booleans(),
            ),
            st.builds(dispatch.CallWithdrawnV1, round=st.integers(0, 2)),
            st.builds(partners.CallExpiredV1, round=st.integers(0, 2), gap=amounts),
        ),
        max_size=12,
    )
)
def test_the_money_adds_up_whatever_is_said(messages: list[Message]) -> None:
    funding = funded(*messages)
    assert funding.cost == funding.shares + funding.subsidies + funding.pledged + funding.gap
    assert funding.gap >= 0
