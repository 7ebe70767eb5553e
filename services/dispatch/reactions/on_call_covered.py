"""`partners.call_covered` → partners have all of it."""

from __future__ import annotations

from services.dispatch.domain.claims import note_cover
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_partners.call_covered import CallCoveredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_covered(dispatch: Dispatch, heard: Heard[CallCoveredV1]) -> Decision[Dispatch]:
    return note_cover(dispatch, heard.data.round)
