"""`partners.claim_made` → it is known who has taken what, and what is still missing."""

from __future__ import annotations

from services.dispatch.domain.claims import note_claim
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.record import Claim, TakenLine
from shared.contracts.from_partners.claim_made import ClaimMadeV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_made(dispatch: Dispatch, heard: Heard[ClaimMadeV1]) -> Decision[Dispatch]:
    said = heard.data
    claim = Claim(
        id=said.claim_id,
        partner=said.partner_id,
        name=said.partner_name,
        epoch=said.epoch,
        lines=tuple(TakenLine(name=line.name, kind=line.kind, amount=line.amount) for line in said.lines),
    )
    return note_claim(dispatch, said.round, claim)
