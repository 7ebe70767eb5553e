"""Messages in: what is said, and who here listens to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from services.dispatch.reactions.on_call_covered import on_call_covered
from services.dispatch.reactions.on_call_expired import on_call_expired
from services.dispatch.reactions.on_change_published import on_change_published
from services.dispatch.reactions.on_claim_made import on_claim_made
from services.dispatch.reactions.on_claim_released import on_claim_released
from services.dispatch.reactions.on_evaluation_lapsed import on_evaluation_lapsed
from services.dispatch.reactions.on_order_amended import on_order_amended
from services.dispatch.reactions.on_order_placed import on_order_placed
from services.dispatch.reactions.on_order_withdrawn import on_order_withdrawn
from services.dispatch.reactions.on_question_answered import on_question_answered
from services.dispatch.reactions.on_rework_requested import on_rework_requested
from services.dispatch.reactions.on_work_delivered import on_work_delivered
from services.dispatch.reactions.on_work_evaluated import on_work_evaluated
from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.from_intake.order_amended import OrderAmendedV1
from shared.contracts.from_intake.order_placed import OrderPlacedV1, OrderPlacedV2
from shared.contracts.from_intake.order_withdrawn import OrderWithdrawnV1
from shared.contracts.from_intake.question_answered import QuestionAnsweredV1
from shared.contracts.from_partners.call_covered import CallCoveredV1
from shared.contracts.from_partners.call_expired import CallExpiredV1
from shared.contracts.from_partners.change_published import ChangePublishedV1
from shared.contracts.from_partners.claim_made import ClaimMadeV1
from shared.contracts.from_partners.claim_released import ClaimReleasedV1
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1, WorkDeliveredV2
from shared.entry import Decision
from shared.hearing import Reactions


def reactions(now: Callable[[], Ground], limits: Limits) -> Reactions:
    """The data that a reaction needs is given to it here, so that it stays pure. `now`: the ground as it is then."""

    def on_ground(reaction: Callable[..., Decision[Dispatch]]) -> Callable[..., Decision[Dispatch]]:
        return lambda dispatch, heard: reaction(dispatch, heard, ground=now(), limits=limits)

    return {
        OrderPlacedV1: on_ground(on_order_placed),
        OrderPlacedV2: on_ground(on_order_placed),
        OrderAmendedV1: on_ground(on_order_amended),
        OrderWithdrawnV1: on_order_withdrawn,
        QuestionAnsweredV1: partial(on_question_answered, limits=limits),
        ClaimMadeV1: on_claim_made,
        ClaimReleasedV1: on_claim_released,
        ChangePublishedV1: on_change_published,
        CallCoveredV1: on_call_covered,
        CallExpiredV1: partial(on_call_expired, limits=limits),
        WorkDeliveredV1: on_work_delivered,
        WorkDeliveredV2: on_work_delivered,
        WorkEvaluatedV1: on_work_evaluated,
        ReworkRequestedV1: partial(on_rework_requested, limits=limits),
        EvaluationLapsedV1: on_evaluation_lapsed,
    }
