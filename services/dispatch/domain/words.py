"""The forms of words that commands of dispatch take, besides those that all services share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.command import Line, Note, Prose, Remark
from shared.contracts.message import mask, names_nobody
from shared.entry import Kept


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("a reason is needed")
    return text


Reason = Annotated[Remark, AfterValidator(_not_empty), Field(json_schema_extra={"minLength": 1})]

Minutes = Annotated[Prose, AfterValidator(mask)]  # longer than a remark: what was said and by how many

Title = Annotated[Line, AfterValidator(mask)]  # of a file, of a source of money

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # SHA-256

PersonOrUnit = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:.-]{0,63}$"), AfterValidator(names_nobody)
]

# A flat's number, e.g. 2-301 or 3单元201.
Flat = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,20}$"), AfterValidator(names_nobody)]


class Name(Kept):
    zh: Line
    en: Note = ""
