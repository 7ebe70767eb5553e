"""HTTP in: who has it. Assignment, the whistle and its answer, referral to a department and its disputes, deadlock."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.responses import Response

from services.dispatch.api.router import Department, Staff, StaffOrDepartment, Uses, by_rule, on_dispatch
from services.dispatch.commands.assign_dispatch import assign_dispatch
from services.dispatch.domain.clocks.limits import DeadlineOutOfRange
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen
from services.dispatch.domain.ground.department import UnknownDepartment
from services.dispatch.domain.ground.staff import NotOfTheArea, UnknownPerson
from services.dispatch.domain.ladder import assignment, deadlock, dispute, joint, recall, referral, whistle
from shared.http import reply


@on_dispatch("/assignment", assignment.TakenAlready, UnknownPerson, NotOfTheArea)
async def post_assignment(
    order_id: UUID, body: assignment.AssignDispatch, asked: Staff, use: Uses
) -> Response:
    """Take it, or give it to a person of the staff. Repeating the request is safe, here and below."""
    given = await assign_dispatch(order_id, body, use.dispatches, use.books, use.limits, asked)
    return reply(given, asked)


@on_dispatch("/whistle", whistle.NobodyAbove, joint.LevelNotAbove, UnknownDepartment)
async def post_whistle(order_id: UUID, body: whistle.BlowWhistle, asked: Staff, use: Uses) -> Response:
    """Call the next level, or several units. Each must answer in time; silence calls the level above by itself."""
    return await by_rule(
        use, order_id, asked, partial(whistle.blow, departments=use.ground.departments), body
    )


@on_dispatch("/whistle/answer", joint.NotCalled, joint.AnsweredAlready, DeadlineOutOfRange)
async def post_whistle_answer(
    order_id: UUID, body: whistle.AnswerWhistle, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Who was called is there, and says what it will do. Of several units each answers for itself."""
    return await by_rule(use, order_id, asked, whistle.answer, body)


@on_dispatch("/whistle/end", joint.NobodyIsWaitedFor)
async def post_whistle_end(order_id: UUID, body: joint.EndWhistle, asked: Staff, use: Uses) -> Response:
    """Of several units that were called some have not come: go on without them."""
    return await by_rule(use, order_id, asked, joint.end_whistle, body)


@on_dispatch("/referral", UnknownDepartment, referral.TooManyReferrals)
async def post_referral(
    order_id: UUID, body: referral.ReferToDepartment, asked: Staff, use: Uses
) -> Response:
    """Ask a department to act. It must answer in time; silence whistles to the level above."""
    return await by_rule(
        use, order_id, asked, partial(referral.refer, departments=use.ground.departments), body
    )


@on_dispatch("/referral/answer", referral.NotYourReferral, referral.Disputed, referral.CannotRefuse)
async def post_referral_answer(
    order_id: UUID, body: referral.AnswerReferral, asked: Department, use: Uses
) -> Response:
    """Accept, or refuse with a reason and the rule it rests on. Three refusals raise supervision."""
    return await by_rule(use, order_id, asked, referral.respond, body)


@on_dispatch("/whistle/recall", recall.NothingToRecall, joint.NotCalled)
async def post_whistle_recall(
    order_id: UUID, body: recall.RecallWhistle, asked: Staff, use: Uses
) -> Response:
    """Take the whistle back, or call some of several units off: for the level that blew it, or one above."""
    return await by_rule(use, order_id, asked, recall.recall_whistle, body)


@on_dispatch("/referral/recall", recall.NothingToRecall)
async def post_referral_recall(
    order_id: UUID, body: recall.RecallReferral, asked: Staff, use: Uses
) -> Response:
    """It was the wrong department: take it back, or say that its refusal was right. It counts for neither side."""
    return await by_rule(use, order_id, asked, recall.recall_referral, body)


@on_dispatch("/referral/dispute", dispute.NothingToDispute, whistle.NobodyAbove)
async def post_dispute(order_id: UUID, body: dispute.DisputeRefusal, asked: Staff, use: Uses) -> Response:
    """Do not accept the refusal: the level above decides, in time; its silence calls the next one."""
    return await by_rule(use, order_id, asked, dispute.dispute, body)


@on_dispatch("/referral/dispute/ruling", dispute.NothingToDispute)
async def post_ruling(order_id: UUID, body: dispute.RuleOnDispute, asked: Staff, use: Uses) -> Response:
    """Uphold the refusal, or overrule it: then the department has it and cannot refuse."""
    return await by_rule(use, order_id, asked, dispute.rule_on, body)


@on_dispatch("/deadlock", RoundIsOpen, OnNotice)
async def post_deadlock(order_id: UUID, body: deadlock.DeclareDeadlock, asked: Staff, use: Uses) -> Response:
    """Say that it does not go on. Exits: deliberation, partners, the level above, supervision; in time by itself."""
    return await by_rule(use, order_id, asked, deadlock.declare, body)


@on_dispatch("/deadlock/supervision")
async def post_deadlock_supervision(
    order_id: UUID, body: deadlock.AskSupervision, asked: Staff, use: Uses
) -> Response:
    """Ask the district to watch over the way out of a deadlock, without waiting for its clock."""
    return await by_rule(use, order_id, asked, deadlock.hand_up, body)
