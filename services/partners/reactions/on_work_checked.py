"""`dispatch.work_checked` → failed: the same partners work on. Passed: it stays delivered until the dispatch ends."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import back_to_work
from services.partners.domain.terms import Terms
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.message import Heard
from shared.entry import Decision, unchanged


def on_work_checked(call: Call, heard: Heard[WorkCheckedV1], *, terms: Terms) -> Decision[Call]:
    return unchanged(call) if heard.data.passed else back_to_work(call, at=heard.at, terms=terms)
