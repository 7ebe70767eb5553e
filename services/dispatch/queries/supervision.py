"""The register of supervision."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Supervision
from services.dispatch.queries.names import WithNames
from shared.contracts.message import copied
from shared.entry import Entry


class SupervisedOut(BaseModel):
    """One line of the register: the dispatch, and its latest supervision. Earlier ones stand before it."""

    order_id: UUID
    title: str
    category: str
    area: str
    state: DispatchState
    level: Level
    lead: str | None
    latest: Supervision
    earlier: list[Supervision]

    @classmethod
    def of(cls, entry: Entry[Dispatch]) -> Self:
        it = entry.state
        *earlier, latest = it.supervisions
        return copied(cls, it, order_id=entry.id, latest=latest, earlier=earlier)


class RegisterOut(WithNames):
    items: list[SupervisedOut]
    next: str | None
