"""`partners.work_delivered` → the acceptance check may begin."""

from __future__ import annotations

from services.dispatch.domain.claims import note_delivery
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_delivered(dispatch: Dispatch, heard: Heard[WorkDeliveredV1]) -> Decision[Dispatch]:
    return note_delivery(dispatch, heard.data.round, heard.data.partners)
