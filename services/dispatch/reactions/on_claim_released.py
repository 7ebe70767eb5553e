"""`partners.claim_released` → what was taken is missing again."""

from __future__ import annotations

from services.dispatch.domain.claims import note_release
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_partners.claim_released import ClaimReleasedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_released(dispatch: Dispatch, heard: Heard[ClaimReleasedV1]) -> Decision[Dispatch]:
    said = heard.data
    return note_release(dispatch, said.round, said.claim_id, reopened=said.reopened)
