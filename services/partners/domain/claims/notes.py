"""The words about a claim that residents do not read: kept in the call, and in no message."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.partners.domain.call import Call, KeptNote
from services.partners.domain.words import Noted
from shared.caller import Caller
from shared.entry import Decision

MOST = 200  # of one call: the latest


def noted(
    before: Call, decision: Decision[Call], claim_id: UUID, command: object, *, by: Caller, at: datetime
) -> Decision[Call]:
    """The same, and the note is kept. Asked again for what is already so, another note is added."""
    if not isinstance(command, Noted) or not command.note:
        return decision
    note = KeptNote(claim_id=claim_id, at=at, role=by.role.value, by=by.id, text=command.note)
    notes = decision.state.notes
    if decision.state is before and note in (one.but(at=at) for one in notes):
        return decision
    return Decision(decision.state.but(notes=(*notes, note)[-MOST:]), decision.events)
