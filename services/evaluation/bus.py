"""Messages in: which rule decides when what is heard."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.evaluation.domain import hearing
from shared.contracts import from_dispatch as dispatch
from shared.contracts import from_intake as intake
from shared.hearing import Reactions


def reactions(window: timedelta) -> Reactions:
    """`window` is how long the resident may say something."""
    return {
        intake.OrderPlacedV1: hearing.note_orderer,
        intake.OrderPlacedV2: hearing.note_orderer,
        intake.OrderAmendedV1: hearing.note_correction,
        intake.OrderAmendedV2: hearing.note_correction,
        intake.OrderRetitledV1: hearing.note_title,
        dispatch.DispatchOpenedV1: hearing.note_opening,
        dispatch.DispatchMovedV1: hearing.note_move,
        dispatch.AreaSucceededV1: hearing.note_move,
        dispatch.DispatchAssignedV1: hearing.note_answer,
        dispatch.WhistleAnsweredV1: hearing.note_answer,
        dispatch.WhistleAnsweredV2: hearing.note_answer,
        dispatch.ReferralAnsweredV1: hearing.note_department,
        dispatch.DispatchPausedV1: hearing.put_off,
        dispatch.DispatchResumedV1: hearing.go_on,
        dispatch.ExtensionGrantedV1: hearing.extend,
        dispatch.ClocksRecountedV1: hearing.recount,
        dispatch.DepartmentSucceededV1: hearing.note_successor,
        dispatch.EndMovedV1: hearing.extend,
        dispatch.LimitJudgedV1: hearing.note_judgement,
        dispatch.WorkCheckedV1: partial(hearing.ask_resident, window=window),
        dispatch.DispatchMergedV1: hearing.merge,
        dispatch.DispatchUnmergedV1: hearing.unmerge,
        dispatch.DispatchClosedV1: hearing.end,
        dispatch.DispatchReopenedV1: hearing.begin_again,
    }
