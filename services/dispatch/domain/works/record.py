"""What is kept of the work: its parts, the call to partners with their claims, and the acceptance check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.dispatch.domain.record import Document, Said
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.words import Name
from shared.contracts.message import Part
from shared.entry import Kept


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


WORKED = ("solved", "partly")  # outcomes of work that was done


class Ended(Kept):
    """How it had ended before it was opened again."""

    outcome: str
    note: str
    at: datetime | None
    overdue: bool


class Binding(Kept):
    """To the order that it repeats; in the end it came back, or ended with it."""

    original: str  # id of that order
    note: str
    by: str  # id of the person
    at: datetime
    ended: str | None = None  # unbound, original_ended, circle, reopened; solved: it ended with it
    reason: str = ""  # of whoever unbound it
    ended_at: datetime | None = None


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
    ended: str | None = None  # withdrawn, expired; accepted, once the order was opened again
    said: Said | None = None  # why it was changed last, or withdrawn

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


class ListedItem(Part):
    """One thing to look at. `code` is unique within its list."""

    code: str
    name: Name


Checklists = Mapping[str, tuple[ListedItem, ...]]  # by category; one that has none needs no list
