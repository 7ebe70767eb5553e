"""Messages in: what is heard, and the rule that decides what becomes of it."""

from __future__ import annotations

from functools import partial

from services.partners.domain.calls import calling
from services.partners.domain.matching.offering import Rank, nobody
from services.partners.domain.standing.appeals import note_verdict
from services.partners.domain.terms import Terms
from shared.contracts import from_dispatch as dispatch
from shared.contracts import from_evaluation as evaluation
from shared.hearing import Reactions


def reactions(terms: Terms, rank: Rank = nobody) -> Reactions:
    """`terms` say how long a call may stay open; `rank` who fits a need now."""
    return {
        dispatch.PartnersCalledV1: partial(calling.open_call, terms=terms, rank=rank),
        dispatch.PartnersCalledV2: partial(calling.open_call, terms=terms, rank=rank),
        dispatch.CallChangedV1: partial(calling.change, terms=terms),
        dispatch.CallCorrectedV1: calling.correct,
        dispatch.CallWithdrawnV1: calling.withdraw,
        dispatch.WorkCheckedV1: partial(calling.note_check, terms=terms),
        dispatch.DispatchClosedV1: calling.close,
        dispatch.DispatchMovedV1: calling.move,
        dispatch.DispatchReopenedV1: calling.note_reopening,
        dispatch.DispatchRetitledV1: calling.retitle,
        dispatch.AreaSucceededV1: calling.move,
        evaluation.ReworkRequestedV1: partial(calling.back_to_work, terms=terms),
        evaluation.WorkEvaluatedV1: note_verdict,
    }
