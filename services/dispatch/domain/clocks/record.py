"""The parts of a dispatch's record that say when its clocks stood still, and who asked for more time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from services.dispatch.domain.states import Level
from shared.entry import Kept


class Delay(StrEnum):
    """Why it takes longer."""

    PAUSE = "pause"  # the clocks stand still
    DEFERRAL = "deferral"  # it cannot be done for now, e.g. before spring; the clocks stand still
    QUESTION = "question"  # the resident is asked; the clocks stand still
    EXTENSION = "extension"  # the clocks run on, to a later end


class Span(Kept):
    """Of what the end of a clock was counted, so that it can be counted anew when there is another calendar."""

    begin: datetime
    allowed: tuple[str, ...]


class Pause(Kept):
    """One time in which the clocks stood still. `stopped`: those that ran, and when they would have struck."""

    kind: Delay
    reason: str  # of a question, what the resident is asked
    by: str
    since: datetime
    until: datetime  # it ends by itself then
    stopped: Mapping[str, datetime] = {}
    number: int = 0  # of a question
    ended_at: datetime | None = None
    ended: str | None = None  # time, resumed, answered, closed
    ended_by: str | None = None  # who resumed it, and what they said
    note: str = ""


class TimeRequest(Kept):
    """What a unit asked for. `granted` is None while the level that decides has not answered."""

    kind: Delay
    reason: str
    until: datetime
    by: str
    at: datetime
    decided_by: Level  # or a higher one
    granted: bool | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    note: str = ""
    lapsed: bool = False  # others got the matter before anybody had answered
