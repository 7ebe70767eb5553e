"""Messages in: what is said, and who here listens to it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.evaluation.reactions.on_dispatch_assigned import on_dispatch_assigned
from services.evaluation.reactions.on_dispatch_closed import on_dispatch_closed
from services.evaluation.reactions.on_dispatch_moved import on_dispatch_moved
from services.evaluation.reactions.on_dispatch_opened import on_dispatch_opened
from services.evaluation.reactions.on_dispatch_paused import on_dispatch_paused
from services.evaluation.reactions.on_dispatch_resumed import on_dispatch_resumed
from services.evaluation.reactions.on_extension_granted import on_extension_granted
from services.evaluation.reactions.on_order_amended import on_order_amended
from services.evaluation.reactions.on_order_placed import on_order_placed
from services.evaluation.reactions.on_referral_answered import on_referral_answered
from services.evaluation.reactions.on_whistle_answered import on_whistle_answered
from services.evaluation.reactions.on_work_checked import on_work_checked
from shared.contracts.from_dispatch.dispatch_assigned import DispatchAssignedV1
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.from_dispatch.dispatch_opened import DispatchOpenedV1
from shared.contracts.from_dispatch.dispatch_paused import DispatchPausedV1
from shared.contracts.from_dispatch.dispatch_resumed import DispatchResumedV1
from shared.contracts.from_dispatch.extension_granted import ExtensionGrantedV1
from shared.contracts.from_dispatch.referral_answered import ReferralAnsweredV1
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1, WhistleAnsweredV2
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_intake.order_amended import OrderAmendedV1
from shared.contracts.from_intake.order_placed import OrderPlacedV1, OrderPlacedV2
from shared.hearing import Reactions


def reactions(window: timedelta) -> Reactions:
    """`window` is how long the resident may say something."""
    return {
        OrderPlacedV1: on_order_placed,
        OrderPlacedV2: on_order_placed,
        DispatchPausedV1: on_dispatch_paused,
        DispatchResumedV1: on_dispatch_resumed,
        ExtensionGrantedV1: on_extension_granted,
        OrderAmendedV1: on_order_amended,
        DispatchOpenedV1: on_dispatch_opened,
        DispatchAssignedV1: on_dispatch_assigned,
        WhistleAnsweredV1: on_whistle_answered,
        WhistleAnsweredV2: on_whistle_answered,
        ReferralAnsweredV1: on_referral_answered,
        WorkCheckedV1: partial(on_work_checked, window=window),
        DispatchClosedV1: on_dispatch_closed,
        DispatchMovedV1: on_dispatch_moved,
    }
