"""`partners.call_expired` → the need is back with the unit that called."""

from __future__ import annotations

from services.dispatch.domain.claims import note_expiry
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from shared.contracts.from_partners.call_expired import CallExpiredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_expired(dispatch: Dispatch, heard: Heard[CallExpiredV1], *, limits: Limits) -> Decision[Dispatch]:
    return note_expiry(dispatch, heard.data.round, at=heard.at, limits=limits)
