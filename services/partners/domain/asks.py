"""What partners ask for: the bodies of their requests."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from shared.command import Command, Line, Note, Prose
from shared.contracts.message import Part, mask, names_nobody

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # SHA-256 of a file
Photos = Annotated[tuple[Digest, ...], Field(max_length=10)]
Epoch = Annotated[int, Field(strict=True, ge=1, le=2**31)]


class WantedLine(Part):
    """So much of one line: fen for funds, whole units for everything else."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    amount: Annotated[int, Field(strict=True, gt=0, le=2**53)]


class ClaimCall(Command):
    """Lines of the call, wholly or in part."""

    lines: Annotated[tuple[WantedLine, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _each_line_once(self) -> ClaimCall:
        if len({line.name for line in self.lines}) < len(self.lines):
            raise ValueError("each line may be named once")
        return self


class StepIn(Part):
    """One step of the work, and the day on which it is done."""

    text: Annotated[Line, AfterValidator(mask)]
    ends: date


class SubmitPlan(Command):
    """How and when the work will be done. `epoch` is the claim's, as it was told when it was made."""

    plan: Prose
    starts: date
    ends: date
    steps: Annotated[tuple[StepIn, ...], Field(max_length=50)] = ()
    people: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    documents: Photos = ()
    epoch: Epoch

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> SubmitPlan:
        if self.ends < self.starts:
            raise ValueError("a plan ends on the day it starts, or later")
        if any(not self.starts <= step.ends <= self.ends for step in self.steps):
            raise ValueError("every step ends within the dates of the plan")
        return self


class ReportProgress(Command):
    """How far the work is."""

    note: Note = ""
    percent: Annotated[int, Field(strict=True, ge=0, le=100)]
    photos: Photos = ()
    epoch: Epoch


class DeliverWork(Command):
    """The partner's part of the work is done."""

    note: Note = ""
    photos: Photos = ()
    epoch: Epoch


class SurveySite(Command):
    """What the partner found on the spot."""

    note: Annotated[Note, Field(min_length=1)]
    photos: Photos = ()
    epoch: Epoch


class BlockWork(Command):
    """What keeps the partner from its work, and until when."""

    reason: Annotated[Note, Field(min_length=1)]
    until: AwareDatetime
    epoch: Epoch


class ResumeWork(Command):
    """Nothing keeps the partner from its work any more."""

    epoch: Epoch


class ReleaseClaim(Command):
    """The partner gives its lines back, and says why."""

    reason: Annotated[Note, Field(min_length=1)]
    epoch: Epoch


Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/.-]{0,39}$"), AfterValidator(names_nobody)
]


class ConfirmPledge(Command):
    """The money that was pledged stands ready."""

    epoch: Epoch


class RecordReceipt(WantedLine):
    """So much of a line has come in: `day`, the number of the paper, and the paper by its digest if there is one."""

    day: date
    reference: Reference
    document: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class RecordReturn(RecordReceipt):
    """So much of what had come in went back, or had been written down by mistake."""

    reason: Annotated[Note, Field(min_length=1)]


class AskTakeover(Command):
    """Another partner would do it; the lines count as its own until the request has ended."""

    reason: Note = ""


class WithdrawTakeover(Command):
    """Whoever asked does not want it any more."""


class AnswerTakeover(Command):
    """The holder agrees, or says why not."""

    agreed: bool
    reason: Note = ""
    epoch: Epoch

    @model_validator(mode="after")
    def _no_needs_a_reason(self) -> AnswerTakeover:
        if not self.agreed and not self.reason:
            raise ValueError("a refusal needs a reason")
        return self


class ForceRelease(Command):
    """The staff take a claim from its partner, and say why."""

    reason: Annotated[Note, Field(min_length=1)]


class ChooseLead(Command):
    """Which of the partners speaks for all."""

    partner_id: UUID
