"""A department reads while it has a part, and afterwards what that was; what households said it never reads."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.dispatch.books import Books
from services.dispatch.domain.deliberation.record import Household, Notice, Objection, Round, Subsidy
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ladder.recall import RecallReferral, recall_referral
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.ladder.succession import succeed
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.part import part_of, parts_ended
from services.dispatch.domain.record import Document
from services.dispatch.domain.worklist import found_by
from services.dispatch.domain.works.call import open_call
from services.dispatch.domain.works.claims import note_claim, note_expiry, note_release
from services.dispatch.domain.works.closing import close_silent
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.reopening import reopen
from services.dispatch.domain.works.tasks import give_task
from services.dispatch.queries.names import Naming
from services.dispatch.queries.rows import page_json
from services.dispatch.queries.views import DispatchOut, DispatchRow
from services.dispatch.settings import Settings
from shared.caller import Caller
from shared.contracts.from_evaluation import EvaluationLapsedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.from_partners import CallExpiredV1, ClaimReleasedV1
from shared.entry import Entry, decided
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    CLAIM,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    FENCE,
    LIMITS,
    NOW,
    ORDER,
    OTHER_PARTNER,
    PARTNER,
    RACK,
    SEWAGE,
    Command,
    claim_of,
    covered,
    delivered,
    funds,
    heard,
    territory,
)

REOPENED = heard(OrderReopenedV1(number=1, reason="came_back"), at=NOW)
OWN: dict[str, Any] = {"by": SEWAGE, "at": NOW, "limits": LIMITS}
STEPS: dict[str, Command] = {
    **commands(),
    "accepted": lambda it: respond(it, AnswerReferral(accepted=True), **OWN),
    "called": lambda it: answer(it, AnswerWhistle(measures="a pump"), **OWN),
    "upheld": lambda it: recall_referral(
        it, RecallReferral(reason="they were right"), by=COMMUNITY, at=NOW, limits=LIMITS
    ),
    "part": lambda it: give_task(
        it,
        FENCE.model_copy(update={"unit": "sewage"}),
        departments=DEPARTMENTS,
        by=DISTRICT,
        at=NOW,
        limits=LIMITS,
    ),
    "done": lambda it: deliver(it, DeliverWork(), **OWN),
    "lapsed": lambda it: close_silent(it, heard(EvaluationLapsedV1(round=1))),
    "succeeded": lambda it: succeed(it, "sewage", "urban_management"),
    "open": lambda it: open_call(it, RACK, by=COMMUNITY, at=NOW, limits=LIMITS),
    "claimed": lambda it: note_claim(it, claim_of(funds(5), round=it.call.round if it.call else 0)),
    "another": lambda it: note_claim(it, claim_of(funds(5), id=ORDER, partner=OTHER_PARTNER)),
    "released": lambda it: note_release(it, given_back(CLAIM)),
    "expired": lambda it: note_expiry(it, heard(CallExpiredV1(round=1, gap=0)), limits=LIMITS),
    "covered": lambda it: decided(covered(it)),
    "delivered": lambda it: decided(delivered(it)),
    "reopened": lambda it: reopen(
        it, REOPENED, ground=Ground(territory(), departments=DEPARTMENTS), limits=LIMITS
    ),
}


def given_back(claim: UUID) -> Any:
    return heard(ClaimReleasedV1(round=1, claim_id=claim, partner_id=PARTNER, gap=0, reopened=True))


STUCK = ["accepted", "reports", "deadlock", "open"]


def after(situation: str, *steps: str) -> Dispatch:
    """Each step is saved, and the event of step n has the number n."""
    dispatch = situations()[situation]
    for n, step in enumerate(steps, 1):
        dispatch = parts_ended(dispatch, STEPS[step](dispatch).state, n)
    return dispatch


@pytest.mark.parametrize(
    ("situation", "steps"),
    [
        ("referred", []),
        ("referred", ["accepted"]),
        ("referred", ["accepted", "done", "check"]),
        ("referred", ["referral/answer", "referral/dispute", "referral/dispute/ruling"]),
        ("whistled, together", []),
        ("in_handling", ["part"]),
        ("in_handling", ["part", "whistle"]),
        ("in_handling, supervised", ["supervision"]),
        ("in_handling, supervised", ["lead"]),
        ("referred", ["accepted", "part", "assignment"]),
        ("referred", STUCK),
        ("referred", [*STUCK, "claimed", "released"]),
        ("referred", [*STUCK, "claimed", "another", "call/withdrawal"]),
        ("referred", [*STUCK, "claimed", "expired"]),
        ("referred", [*STUCK, "covered", "delivered", "check", "lapsed", "reopened"]),
        ("referred", ["accepted", "part", "open", "claimed"]),
        ("in_handling, supervised", ["lead", "open", "claimed"]),
        ("in_handling, supervised", ["open", "claimed", "lead"]),
    ],
)
def test_a_department_has_a_part_while_it_is_asked_or_has_work(situation: str, steps: list[str]) -> None:
    part = part_of(after(situation, *steps), "sewage")
    assert part == (True, math.inf)


@pytest.mark.parametrize(
    ("situation", "steps", "until"),
    [
        ("referred", ["referral/answer"], 1),
        ("referred", ["referral/answer", "reports", "referral/dispute"], 1),
        ("referred", ["accepted", "assignment", "part", "tasks/1/result", "reports"], 4),
        ("referred", ["accepted", "reports", "assignment", "deadlock"], 3),
        ("whistled, together", ["called", "whistle/end"], 1),
        ("whistled, together", ["whistle/end", "reports"], 1),
        ("in_handling", ["part", "tasks/1/cancellation", "deadlock", "rounds"], 2),
        ("in_handling, supervised", ["supervision", "reports", "supervision/result", "deadlock"], 3),
        ("referred", ["accepted", "done", "check", "lapsed"], 4),
        ("referred", [*STUCK, "claimed", "another"], 5),
        ("referred", [*STUCK, "claimed", "another", "released"], 5),
        ("referred", [*STUCK, "covered", "delivered", "check", "lapsed"], 5),
        ("referred", [*STUCK, "claimed", "call/withdrawal", "open", "claimed"], 8),
        ("referred", ["accepted", "part", "open", "claimed", "tasks/1/result"], 5),
        ("in_handling, supervised", ["lead", "open", "claimed", "supervision/result"], 4),
    ],
)
def test_it_reads_until_its_part_was_over(situation: str, steps: list[str], until: int) -> None:
    part = part_of(after(situation, *steps), "sewage")
    assert part == (False, until)


def test_who_never_had_a_part_or_was_asked_by_mistake_has_none() -> None:
    for dispatch in (*situations().values(), after("referred", "referral/recall")):
        assert part_of(dispatch, "parks") is None
        assert part_of(dispatch, None) is None
    for steps in (["referral/recall"], ["referral/answer", "upheld"]):
        assert part_of(after("referred", *steps), "sewage") is None
    gone = after("in_handling", "part", "succeeded", "reports")  # that department is no more
    assert part_of(gone, "sewage") is None


def test_what_nobody_is_asked_of_is_saved_as_it_was_decided() -> None:
    for dispatch in situations().values():
        assert parts_ended(dispatch, dispatch, 7) is dispatch
    handling = situations()["in_handling"]
    decided = STEPS["deadlock"](handling).state
    assert parts_ended(handling, decided, 7) is decided


OWN_PART = {  # what it was asked and did; `level`, `refusals`… of the same
    "referrals", "refusals", "tasks", "whistle", "earlier_whistles", "whistles", "supervisions", "bound", "done_by",
}  # fmt: skip
ABOUT_IT = {
    "order_id", "place", "state", "level", "area", "in_no_grid", "territory_version", "title", "kind", "category",
    "urgency", "opened_at", "close_by", "closed_at", "outcome",
}  # fmt: skip
NOT_ITS = {"money", "answers_for", "notes", "payments"}


def page(dispatch: Dispatch, caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(DispatchOut.of(Entry(ORDER, dispatch), caller).model_dump_json())
    return found


def over(dispatch: Dispatch) -> Dispatch:
    """The same, had sewage had a part that was cancelled before."""
    given = STEPS["tasks/1/cancellation"](STEPS["part"](situations()["in_handling"]).state).state
    given = STEPS["tasks"](given).state
    return dispatch.but(departments=("sewage",), tasks=given.tasks, handled_by=COMMUNITY.area)


@pytest.mark.parametrize(
    "situation", sorted(set(situations()) - {"unknown", "referred", "whistled, together"})
)
def test_of_all_that_came_after_it_reads_the_state_and_the_outcome(situation: str) -> None:
    """On the page and in the list: everything else is as if there were none."""
    dispatch = over(situations()[situation])
    blank = page(Dispatch(), COMMUNITY)
    shown = page(dispatch, SEWAGE)
    told = {name for name, value in shown.items() if value != blank[name]}
    assert not told - OWN_PART - ABOUT_IT - NOT_ITS
    assert {one["unit"] for one in shown["tasks"]} == {"sewage"}
    assert (shown["money"], shown["answers_for"]) == (blank["money"], None)
    assert (shown["notes"], shown["payments"]) == (None, None)
    assert (shown["state"], shown["place"]["address"]) == (dispatch.state, "")
    row = {"_id": ORDER, "version": 1, "state": dispatch.model_dump(), "find": found_by(dispatch)}
    naming = Naming(Books(Settings().first_ground()))
    [listed] = orjson.loads(page_json([row], None, SEWAGE, naming))["items"]
    same = DispatchRow.model_fields.keys() - {"order_id", "version", "place", "next_at"}
    own = same - {"refusals", "whistles", "opened_at", "close_by"}
    assert {name: listed[name] for name in own} == {name: shown[name] for name in own}
    assert (listed["refusals"], listed["whistles"], listed["next_at"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("situation", "steps", "where"),
    [
        ("referred", ["referral/answer"], "referrals"),
        ("whistled, together", ["called", "whistle/end"], "whistle"),
        ("in_handling", ["part", "tasks/1/result"], "tasks"),
        ("in_handling, supervised", ["supervision", "supervision/result"], "supervisions"),
    ],
)
def test_it_reads_what_it_was_asked_with_its_answer(situation: str, steps: list[str], where: str) -> None:
    dispatch = after(situation, *steps)
    own, theirs = page(dispatch, COMMUNITY)[where], page(dispatch, SEWAGE)[where]
    if where != "whistle":
        assert theirs == own
        return
    assert [one["unit"] for one in own["units"]] == ["sewage", "urban_management", "370203/370203014"]
    assert [(one["unit"], one["report"]["measures"]) for one in theirs["units"]] == [("sewage", "a pump")]
    assert (theirs["answered_by"], theirs["measures"], theirs["answer_by"]) == (None, "", own["answer_by"])


OPEN_WORDS = {"proposal", "allocation", "exemptions", "quorum", "threshold", "source", "answer"}


def marked(kind: type[Any], **known: Any) -> Any:
    """One of these with the name of each field as its text."""
    texts = {
        name: f"<{name}>"
        for name, field in kind.model_fields.items()
        if field.annotation in (str, str | None)
    }
    return kind.model_construct(**{**texts, **known})


def test_of_a_round_a_department_reads_what_is_told_of_it_and_nothing_of_households() -> None:
    """Whatever words are kept of a round: a new field is hidden, or somebody says here that it is not."""
    objection = marked(Objection, at=NOW, answer_by=NOW)
    round = marked(
        Round,
        number=1,
        cost=3,
        households=(marked(Household, share=1),),
        opened_at=NOW,
        documents=(marked(Document, size=1),),
        grants=(marked(Subsidy, fen=1),),
        notice=Notice(opened_at=NOW, until=NOW, objections=(objection,)),
    )
    has = after("referred", "accepted").but(rounds=(round,))
    words = {name for kind in (Round, Household, Document, Subsidy, Objection) for name in kind.model_fields}
    shown, all_of_it = (orjson.dumps(page(has, who)["rounds"]).decode() for who in (SEWAGE, COMMUNITY))
    assert {name for name in words if f"<{name}>" in shown} == OPEN_WORDS
    assert {"<minutes>", "<sha256>", "<household>", "<reason>", "<id>"} <= {
        f"<{name}>" for name in words if f"<{name}>" in all_of_it
    }
