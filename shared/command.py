"""What people ask for: bodies and parameters of requests, checked before any rule sees them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.contracts.message import mask, names_nobody

# Control characters, lone surrogates, and what turns the direction of the text around it.
_HIDING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# All but what shows nothing: spaces, joiners, marks of direction, fillers, variation selectors, tags.
_VISIBLE = re.compile(
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def _readable(text: str) -> str:
    """With every line break as one `\\n`. Raises ValueError for what hides things in lists and breaks readers."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    hiding = _HIDING.search(text)
    if hiding:
        what = (
            "mark that turns the text's direction"
            if unicodedata.category(hiding[0]) == "Cf"
            else "control character"
        )
        raise ValueError(f"{what} U+{ord(hiding[0]):04X} is not allowed; pasted text may hold it unseen")
    if text and not _VISIBLE.search(text):
        raise ValueError("nothing of this text can be seen")
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_readable),
]
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_readable),
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_readable)]
# Whoever types a telephone number here has it masked before anything is kept or told.
Remark = Annotated[Note, AfterValidator(mask)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(names_nobody)]

# The descriptions of free text: who reads it. A test of the contracts fails for a field that does not say so.
READ_IN_PUBLIC = "Residents read this."
STAYS_WITH_STAFF = "Stays with the staff."
READ_AT_WORK = "Read by you, the staff of the area, and whoever has the work as long as they have it."


_YEARS = range(2000, 2201)


def _of_this_age(day: date) -> date:
    """Far years overflow in other time zones, a day before or after, and in other people's calendars."""
    if day.year not in _YEARS:
        raise ValueError(f"the year must be between {_YEARS[0]} and {_YEARS[-1]}")
    return day


def _as_kept(time: datetime) -> datetime:
    """UTC, and as exact as the store keeps it."""
    time = time.astimezone(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


# All times and days that come from outside are these; what is stored or told may be any.
Day = Annotated[date, AfterValidator(_of_this_age)]
Time = Annotated[AwareDatetime, AfterValidator(_of_this_age), AfterValidator(_as_kept)]


class Command(BaseModel):
    """A request body. Unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
