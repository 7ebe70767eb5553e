"""`partners.change_published` → partners see the need as it is now; a call that was covered may be open again."""

from __future__ import annotations

from services.dispatch.domain.changing import note_change
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_partners.change_published import ChangePublishedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_change_published(dispatch: Dispatch, heard: Heard[ChangePublishedV1]) -> Decision[Dispatch]:
    said = heard.data
    return note_change(dispatch, said.round, said.change, reopened=said.reopened)
