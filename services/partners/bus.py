"""Messages in: what is heard, and the rule that decides what becomes of it."""

from __future__ import annotations

from functools import partial

from services.partners.domain.calls.calling import (
    back_to_work,
    change,
    close,
    move,
    note_check,
    open_call,
    withdraw,
)
from services.partners.domain.matching.offering import Rank, nobody
from services.partners.domain.standing.appeals import note_verdict
from services.partners.domain.terms import Terms
from shared.contracts.from_dispatch.call_changed import CallChangedV1
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.from_dispatch.partners_called import PartnersCalledV1, PartnersCalledV2
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_evaluation import ReworkRequestedV1, WorkEvaluatedV1
from shared.hearing import Reactions


def reactions(terms: Terms, rank: Rank = nobody) -> Reactions:
    """`terms` say how long a call may stay open; `rank` who fits a need now."""
    return {
        PartnersCalledV1: partial(open_call, terms=terms, rank=rank),
        PartnersCalledV2: partial(open_call, terms=terms, rank=rank),
        CallChangedV1: partial(change, terms=terms),
        CallWithdrawnV1: withdraw,
        WorkCheckedV1: partial(note_check, terms=terms),
        DispatchClosedV1: close,
        DispatchMovedV1: move,
        ReworkRequestedV1: partial(back_to_work, terms=terms),
        WorkEvaluatedV1: note_verdict,
    }
