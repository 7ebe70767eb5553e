"""The parts of a dispatch's record: what was whistled, referred, agreed, called for and checked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.dispatch.domain.ladder import DispatchState, Level


class Kept(BaseModel):
    """A frozen part of a stored state. Readers ignore what an older or newer version has besides."""

    model_config = ConfigDict(frozen=True, extra="ignore")


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
    unit: str = (
        ""  # area path of a level, or id of a department; empty: the level that answers for the dispatch
    )
    measures: str = ""
    overdue: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    result: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Consent(StrEnum):
    YES = "yes"
    NO = "no"
    SILENT = "silent"


class Report(Kept):
    """What a unit said when it answered. `contacted` are roles and units, never names of residents."""

    by: str
    at: datetime
    measures: str = ""
    contacted: str = ""
    deadline: datetime | None = None  # until when the measures are taken


class WhistledUnit(Kept):
    """One of several units that a joint whistle calls, with its own clock."""

    unit: str  # area path of a level, or id of a department
    level: Level | None  # None: a department
    answer_by: datetime
    silent: bool = False
    report: Report | None = None

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come; who was silent may still answer, but is not waited for."""
        return self.report is None and not self.silent


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


class Task(Kept):
    """A part of the matter that a unit does by its own deadline; in the end it is done or cancelled."""

    number: int
    title: str
    unit: str  # area path of a level, or id of a department
    deadline: datetime
    given_at: datetime
    late: bool = False
    ended: str | None = None  # done, cancelled
    ended_at: datetime | None = None
    note: str = ""


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


class Household(Kept):
    """A household by the number of its flat, never by a name. `share` and `relief` in fen."""

    id: str
    share: int
    consent: Consent = Consent.SILENT
    weight: int = 1  # hundredths of a square metre, or units of use
    pays: int = 100  # per cent of its share; less in hardship
    relief: int = 0  # what a subsidy bears of its share
    said_at: datetime | None = None
    recorded_by: str | None = None  # who wrote down what it said last
    changed: int = 0  # how often it changed its mind

    @property
    def consents(self) -> bool:
        return self.consent is Consent.YES

    def saying(self, consent: Consent, *, by: str, at: datetime) -> Household:
        """With what it says now. Saying the same again changes nothing."""
        if consent is self.consent:
            return self
        said = {"consent": consent, "recorded_by": by, "said_at": at}
        return self.model_copy(update={**said, "changed": self.changed + (self.said_at is not None)})


class Document(Kept):
    """A file by its name and digest. The file itself is kept elsewhere: nothing is uploaded here."""

    name: str
    sha256: str
    size: int  # bytes


class Subsidy(Kept):
    """Public money and whose it is. `fen`; a source of "" is not named."""

    source: str
    fen: int


class Payment(Kept):
    """What a household has paid of its share, or (`returned`) has got back of it. `fen` is never 0."""

    household: str
    fen: int
    receipt: str
    returned: bool
    at: datetime
    recorded_by: str

    def stands_for(self, other: Payment) -> bool:
        """Whether both are the same paper, whoever wrote it down and when."""
        return self.model_copy(update={"at": other.at, "recorded_by": other.recorded_by}) == other


class Objection(Kept):
    """What one household has against the result, and the answer; `upheld` is None as long as there is none."""

    household: str
    reason: str
    at: datetime
    recorded_by: str
    answer_by: datetime
    upheld: bool | None = None
    answer: str = ""
    answered_by: str | None = None  # None: nobody, in time
    answered_at: datetime | None = None


class Notice(Kept):
    """The public notice of an agreed result. Objections may be raised until `until`."""

    opened_at: datetime
    until: datetime
    objections: tuple[Objection, ...] = ()
    closed_at: datetime | None = None
    stands: bool | None = None  # None as long as it lasts

    def of(self, household: str) -> Objection | None:
        """The objection of this household."""
        return next((one for one in self.objections if one.household == household), None)

    def with_answer(self, household: str, upheld: bool, answer: str, by: str | None, at: datetime) -> Notice:
        """With the answer to the objection of this household."""
        said = {"upheld": upheld, "answer": answer, "answered_by": by, "answered_at": at}
        objections = (
            one.model_copy(update=said) if one.household == household else one for one in self.objections
        )
        return self.model_copy(update={"objections": tuple(objections)})


class Round(Kept):
    """One round of deliberation. Money in fen; `shares` and `subsidies` are known when it is closed."""

    number: int
    proposal: str
    cost: int
    allocation: str  # equal, by_area, by_use, custom
    households: tuple[Household, ...]
    opened_at: datetime
    exemptions: str = "others"  # who bears the rest of a share in hardship: others, subsidy
    documents: tuple[Document, ...] = ()  # the estimate
    until: datetime | None = None  # closed by itself then
    quorum: str = "2/3"  # as it was set when the round was opened
    threshold: str = "2/3"
    closed_at: datetime | None = None
    agreed: bool = False
    minutes: str = ""
    shares: int = 0
    subsidies: int = 0  # the grants, and the relief of those who consented
    grants: tuple[Subsidy, ...] = ()
    notice: Notice | None = None  # None: there was none

    @property
    def gap(self) -> int:
        """What stays when it is closed; never negative."""
        return self.cost - self.shares - self.subsidies

    @property
    def binds(self) -> bool:
        """Whether the households are bound by it: agreed, and no notice has it open or has made it void."""
        return self.agreed and (self.notice is None or self.notice.stands is True)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def count(self, consent: Consent) -> int:
        """How many households say this."""
        return sum(household.consent is consent for household in self.households)


class CalledLine(Kept):
    """One line of a need: fen for funds, whole units for everything else."""

    name: str
    kind: str
    amount: int
    unit: str
    text: str = ""
    latest: date | None = None  # the last day on which it is of use


class TakenLine(Kept):
    name: str
    kind: str
    amount: int


class Claim(Kept):
    """What one partner has taken of the call."""

    id: UUID
    partner: UUID
    name: str
    epoch: int
    lines: tuple[TakenLine, ...]


class Call(Kept):
    """The present call to partners, or the last one."""

    round: int
    lines: tuple[CalledLine, ...]
    exclusive: bool
    offered_to: tuple[str, ...]
    until: datetime
    back_to: DispatchState  # where the dispatch goes when the call ends without work
    matched: bool = False  # offered to those who fit best first, and step by step to all
    claims: tuple[Claim, ...] = ()
    changes: int = 0  # how often it was changed
    awaits: int = 0  # the change that partners have not shown yet; 0: none that asks for more
    ended: str | None = None  # withdrawn, expired

    def claimed(self, name: str) -> int:
        """How much of one line is taken."""
        return sum(line.amount for claim in self.claims for line in claim.lines if line.name == name)

    def pledged(self) -> int:
        """Fen taken on the lines of funds."""
        return sum(line.amount for claim in self.claims for line in claim.lines if line.kind == "funds")


class CheckedItem(Kept):
    """One item of the category's list, as it was found."""

    code: str
    passed: bool
    note: str = ""


class Check(Kept):
    """The latest acceptance check."""

    passed: bool
    note: str
    by: str
    at: datetime
    items: tuple[CheckedItem, ...] = ()
    before: tuple[Document, ...] = ()  # photos, by their digest
    after: tuple[Document, ...] = ()
