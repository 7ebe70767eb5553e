"""The forms of words that commands of dispatch take, besides those that all services share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.command import Note
from shared.contracts.message import mask


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("a reason is needed")
    return text


def _names_nobody(text: str) -> str:
    if mask(text) != text:
        raise ValueError("telephone, identity numbers and mail addresses do not belong here")
    return text


# Staff may type a telephone number anywhere; it is masked before anything is kept or told.
Remark = Annotated[Note, AfterValidator(mask)]
Reason = Annotated[Remark, AfterValidator(_not_empty), Field(json_schema_extra={"minLength": 1})]
PersonOrUnit = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:.-]{0,63}$")]
# A flat's number, e.g. 2-301 or 3单元201.
Flat = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,20}$"), AfterValidator(_names_nobody)]
