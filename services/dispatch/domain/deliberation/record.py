"""What is kept of deliberation: the money, the rounds with what each household said, the notice and the payments.

Whole fen. `cost = shares + subsidies + pledged + gap` at every moment, because the gap is never kept.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from services.dispatch.domain.record import Document
from shared.contracts.message import Fen
from shared.entry import Kept


class Money(Kept):
    """What the matter costs and who bears it, in fen. Raises ValueError for money that does not add up."""

    cost: Fen = 0  # 0: not known
    shares: Fen = 0  # of the households, agreed
    subsidies: Fen = 0
    pledged: Fen = 0  # by partners
    from_call: bool = False  # the cost is only known from the funds that were called for

    @property
    def gap(self) -> int:
        """What is still missing; never negative."""
        return self.cost - self.shares - self.subsidies - self.pledged

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.gap < 0:
            raise ValueError("more money than the matter costs")
        return self

    def with_pledges(self, fen: int) -> Money:
        """The same money with this much pledged; what passes the need is not needed."""
        missing = self.cost - self.shares - self.subsidies
        return Money(**{**self.model_dump(), "pledged": max(0, min(fen, missing))})

    def after_call(self) -> Money:
        """When a call has ended without work: nothing is pledged, and a cost known only from it is unknown again."""
        return Money() if self.from_call else self.with_pledges(0)


class Consent(StrEnum):
    YES = "yes"
    NO = "no"
    SILENT = "silent"


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
        return self.but(**said, changed=self.changed + (self.said_at is not None))


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
        return self.but(at=other.at, recorded_by=other.recorded_by) == other


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

    @property
    def lasts_until(self) -> datetime:
        """Its end, and as long as an objection waits for its answer in time."""
        return max([self.until, *(one.answer_by for one in self.objections if one.upheld is None)])

    def of(self, household: str) -> Objection | None:
        """The objection of this household."""
        return next((one for one in self.objections if one.household == household), None)

    def with_answer(self, household: str, upheld: bool, answer: str, by: str | None, at: datetime) -> Notice:
        """With the answer to the objection of this household."""
        said = {"upheld": upheld, "answer": answer, "answered_by": by, "answered_at": at}
        objections = (one.but(**said) if one.household == household else one for one in self.objections)
        return self.but(objections=tuple(objections))


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
