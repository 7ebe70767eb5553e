"""`partners.work_delivered` → the acceptance check may begin."""

from __future__ import annotations

from services.dispatch.domain.claims import note_delivery
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1, WorkDeliveredV2
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_delivered(
    dispatch: Dispatch, heard: Heard[WorkDeliveredV1 | WorkDeliveredV2]
) -> Decision[Dispatch]:
    told = heard.data
    people = told.people if isinstance(told, WorkDeliveredV2) else ()
    return note_delivery(dispatch, told.round, told.partners, people)
