"""The forms of words that commands of dispatch take, besides those that all services share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.command import READ_IN_PUBLIC, STAYS_WITH_STAFF, Command, Line, Note, Prose, Remark
from shared.contracts.message import mask, names_nobody
from shared.entry import Kept


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("a reason is needed")
    return text


Reason = Annotated[Remark, AfterValidator(_not_empty), Field(json_schema_extra={"minLength": 1})]

# What the public reads, where the command is called by what happens; and what nobody reads but the staff, and a
# department while it has the work: that is in no message.
PublicNote = Annotated[Remark, Field(description=READ_IN_PUBLIC)]
PublicReason = Annotated[Reason, Field(description=READ_IN_PUBLIC)]
StaffReason = Annotated[Reason, Field(description=STAYS_WITH_STAFF)]
StaffNote = Annotated[
    Remark, Field(description=f"{STAYS_WITH_STAFF} A department reads it while it has the work.")
]


# What departments that were asked see of the record, and residents do not.
KEPT_FROM_RESIDENTS = f"{STAYS_WITH_STAFF} A department that was asked reads it too."


class Noted(Command):
    """What is asked for, with a word besides that stays with the staff. `domain/notes.py` keeps it."""

    note: StaffNote = ""


Minutes = Annotated[Prose, AfterValidator(mask)]  # longer than a remark: what was said and by how many

Title = Annotated[Line, AfterValidator(mask)]  # of a file, of a source of money

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # SHA-256

PersonOrUnit = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:.-]{0,63}$"), AfterValidator(names_nobody)
]

# A flat's number, e.g. 2-301 or 3单元201.
Flat = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,20}$"), AfterValidator(names_nobody)]


class Name(Kept):
    zh: Annotated[Line, Field(description=READ_IN_PUBLIC)]
    en: Annotated[Note, Field(description=READ_IN_PUBLIC)] = ""
