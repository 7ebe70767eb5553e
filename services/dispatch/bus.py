"""Messages in: what is said, and the rule that hears it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.question import answer_heard
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.place.opening import receive
from services.dispatch.domain.place.titling import retitle
from services.dispatch.domain.works import checking, claims, closing, reopening
from shared.contracts import from_evaluation as evaluation
from shared.contracts import from_intake as intake
from shared.contracts import from_partners as partners
from shared.entry import Decision
from shared.hearing import Reactions


def reactions(now: Callable[[], Ground], limits: Limits) -> Reactions:
    """What a rule needs besides is given to it here, so that it stays pure. `now`: the ground as it is then."""

    def on_ground(rule: Callable[..., Decision[Dispatch]]) -> Callable[..., Decision[Dispatch]]:
        return lambda dispatch, heard: rule(dispatch, heard, ground=now(), limits=limits)

    return {
        intake.OrderPlacedV1: on_ground(receive),
        intake.OrderPlacedV2: on_ground(receive),
        intake.OrderAmendedV1: on_ground(amend),
        intake.OrderAmendedV2: on_ground(amend),
        intake.OrderWithdrawnV1: closing.close_withdrawn,
        intake.OrderRetitledV1: on_ground(retitle),
        intake.OrderReopenedV1: on_ground(reopening.reopen),
        intake.QuestionAnsweredV1: partial(answer_heard, limits=limits),
        partners.ClaimMadeV1: claims.note_claim,
        partners.ClaimReleasedV1: claims.note_release,
        partners.ChangePublishedV1: claims.note_change,
        partners.CallCoveredV1: claims.note_cover,
        partners.CallExpiredV1: partial(claims.note_expiry, limits=limits),
        partners.WorkDeliveredV1: partial(claims.note_delivery, limits=limits),
        partners.WorkDeliveredV2: partial(claims.note_delivery, limits=limits),
        evaluation.WorkEvaluatedV1: closing.close_evaluated,
        evaluation.ReworkRequestedV1: partial(checking.rework, limits=limits),
        evaluation.EvaluationLapsedV1: closing.close_silent,
    }
