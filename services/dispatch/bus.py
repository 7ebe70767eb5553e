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
from services.dispatch.domain.works.checking import rework
from services.dispatch.domain.works.claims import (
    note_change,
    note_claim,
    note_cover,
    note_delivery,
    note_expiry,
    note_release,
)
from services.dispatch.domain.works.closing import close_evaluated, close_silent, close_withdrawn
from shared.contracts.from_evaluation import EvaluationLapsedV1, ReworkRequestedV1, WorkEvaluatedV1
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
    """What a rule needs besides is given to it here, so that it stays pure. `now`: the ground as it is then."""

    def on_ground(rule: Callable[..., Decision[Dispatch]]) -> Callable[..., Decision[Dispatch]]:
        return lambda dispatch, heard: rule(dispatch, heard, ground=now(), limits=limits)

    return {
        OrderPlacedV1: on_ground(receive),
        OrderPlacedV2: on_ground(receive),
        OrderAmendedV1: on_ground(amend),
        OrderWithdrawnV1: close_withdrawn,
        QuestionAnsweredV1: partial(answer_heard, limits=limits),
        ClaimMadeV1: note_claim,
        ClaimReleasedV1: note_release,
        ChangePublishedV1: note_change,
        CallCoveredV1: note_cover,
        CallExpiredV1: partial(note_expiry, limits=limits),
        WorkDeliveredV1: note_delivery,
        WorkDeliveredV2: note_delivery,
        WorkEvaluatedV1: close_evaluated,
        ReworkRequestedV1: partial(rework, limits=limits),
        EvaluationLapsedV1: close_silent,
    }
