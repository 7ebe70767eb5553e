"""What is kept of supervision: why the district watches, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from shared.entry import Kept


class Cause(StrEnum):
    """Why the district supervises. Each is raised at most once for a dispatch."""

    SILENCE = "silence"
    REFUSALS = "refusals"
    REWORKS = "reworks"
    DEADLOCK = "deadlock"


class Supervision(Kept):
    """The district watches until it closes this with a result, or the dispatch ends. `unit` is to act."""

    causes: tuple[Cause, ...]
    opened_at: datetime
    due: datetime
    # area path of a level, or id of a department; empty: the level that answers for the dispatch
    unit: str = ""
    measures: str = ""
    overdue: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    result: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
