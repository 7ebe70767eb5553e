"""Messages in: what is said, and who here listens to it."""

from __future__ import annotations

from functools import partial

from services.partners.domain.offering import Rank, nobody
from services.partners.domain.terms import Terms
from services.partners.reactions.on_call_changed import on_call_changed
from services.partners.reactions.on_call_withdrawn import on_call_withdrawn
from services.partners.reactions.on_dispatch_closed import on_dispatch_closed
from services.partners.reactions.on_dispatch_moved import on_dispatch_moved
from services.partners.reactions.on_partners_called import on_partners_called
from services.partners.reactions.on_rework_requested import on_rework_requested
from services.partners.reactions.on_work_checked import on_work_checked
from services.partners.reactions.on_work_evaluated import on_work_evaluated
from shared.contracts.from_dispatch.call_changed import CallChangedV1
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.from_dispatch.partners_called import PartnersCalledV1, PartnersCalledV2
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.hearing import Reactions


def reactions(terms: Terms, rank: Rank = nobody) -> Reactions:
    """`terms` say how long a call may stay open; `rank` who fits a need now."""
    return {
        PartnersCalledV1: partial(on_partners_called, terms=terms, rank=rank),
        PartnersCalledV2: partial(on_partners_called, terms=terms, rank=rank),
        CallChangedV1: partial(on_call_changed, terms=terms),
        CallWithdrawnV1: on_call_withdrawn,
        WorkCheckedV1: partial(on_work_checked, terms=terms),
        DispatchClosedV1: on_dispatch_closed,
        DispatchMovedV1: on_dispatch_moved,
        ReworkRequestedV1: partial(on_rework_requested, terms=terms),
        WorkEvaluatedV1: on_work_evaluated,
    }
