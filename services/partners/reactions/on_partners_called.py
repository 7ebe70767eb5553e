"""`dispatch.partners_called` → the need stands on the board → `call_published`, and `call_offered` if it is matched."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import open_call
from services.partners.domain.offering import Rank
from services.partners.domain.terms import Terms
from shared.contracts.from_dispatch.partners_called import PartnersCalledV1, PartnersCalledV2
from shared.contracts.message import Heard
from shared.entry import Decision


def on_partners_called(
    call: Call, heard: Heard[PartnersCalledV1 | PartnersCalledV2], *, terms: Terms, rank: Rank
) -> Decision[Call]:
    return open_call(call, heard.data, at=heard.at, terms=terms, rank=rank)
