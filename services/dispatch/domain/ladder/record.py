"""What is kept of who was asked: whistles with their answers, referrals with their disputes."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.states import Level
from shared.entry import Kept


class Report(Kept):
    """What a unit said when it answered. `contacted` are roles and units, never names of residents."""

    by: str
    at: datetime
    measures: str = ""
    contacted: str = ""
    deadline: datetime | None = None  # until when the measures are taken


class Recalled(Kept):
    """It was taken back, or a refusal was right: sent to the wrong one, it counts for neither side.

    `by` is a person, or the routing rule that would not send it there any more.
    """

    by: str
    at: datetime
    reason: str


class WhistledUnit(Kept):
    """One of several units that a joint whistle calls, with its own clock."""

    unit: str  # area path of a level, or id of a department
    level: Level | None  # None: a department
    answer_by: datetime
    silent: bool = False
    report: Report | None = None
    recalled: Recalled | None = None
    called_at: datetime | None = None  # when it was called besides; None: with the whistle

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come; who was silent may still answer, but is not waited for."""
        return self.report is None and not self.silent and self.recalled is None


class Whistle(Kept):
    """A whistle; while the dispatch is `whistled` the last one waits for an answer.

    `units` only where it calls several: then each has its own report, and `answered_at` is when all were there, or
    the level that called them went on without the rest.
    """

    kind: str  # resident, joint, emergency
    from_level: Level
    to_level: Level
    by: str
    at: datetime
    answer_by: datetime
    by_silence: bool = False
    note: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = None
    measures: str = ""
    contacted: str = ""
    deadline: datetime | None = None
    units: tuple[WhistledUnit, ...] = ()
    recalled: Recalled | None = None
    silent: bool = False  # the level did not answer in time; of several units each has its own

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody who was called has said anything."""
        return self.answered_at is None and all(one.report is None for one in self.units)


class Dispute(Kept):
    """A refusal is disputed; the level above decides. `upheld` is None until it has."""

    by: str
    at: datetime
    reason: str
    from_level: Level  # that asked, and has the matter again when the refusal is upheld
    answer_by: datetime
    upheld: bool | None = None
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    ruling: str = ""


class Referral(Kept):
    """One department that was asked. `accepted` is None while it has not answered, and for ever if it was silent."""

    department: str
    by: str
    at: datetime
    answer_by: datetime
    note: str = ""
    accepted: bool | None = None
    silent: bool = False
    answered_at: datetime | None = None
    reason: str | None = None
    rule: str = ""
    dispute: Dispute | None = None
    recalled: Recalled | None = None

    @property
    def may_be_excused(self) -> bool:
        """Whether it was refused, and nobody has decided yet whether rightly so."""
        ruled = self.dispute is not None and self.dispute.upheld is not None
        return self.accepted is False and self.recalled is None and not ruled


RULE = "rule:"  # before the id of a routing rule that asks


def sent_by_rule(referral: Referral) -> bool:
    """Whether no person asked, but a routing rule."""
    return referral.by.startswith(RULE)
