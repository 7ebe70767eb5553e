"""A message: a versioned, frozen class with one sender and named listeners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_snake

from shared.caller import By
from shared.contracts.numbers import without_numbers

_UNSEEN = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]{0,4}"
_AT = (
    rf"{_UNSEEN}(?:[@\uff20\ufe6b]|&#0*64;|&#x0*40;|&commat;|%40"
    rf"|\s?[(\[{{\uff08\u3010]\s?at\s?[)\]}}\uff09\u3011]\s?){_UNSEEN}"
)
_DOT = r"(?:[.\uff0e\u3002]|\s?[(\[{\uff08\u3010]\s?dot\s?[)\]}\uff09\u3011]\s?)"
_SOME_AT = re.compile(_AT, re.IGNORECASE)
_MAIL = re.compile(rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,255}}{_DOT}[\w.-]+", re.IGNORECASE)


def _without_mail(text: str) -> str:
    written = "@" in text or "\uff20" in text or "\ufe6b" in text or "&" in text or "%" in text
    if (written or "at" in text or "AT" in text or "At" in text) and _SOME_AT.search(text):
        return _MAIL.sub("***", text)
    return text


def mask(text: str) -> str:
    """The text without telephone, identity and card numbers in any script, and without mail addresses."""
    return without_numbers(_without_mail(text))


@lru_cache(4096)  # the same people, areas and codes are in every message
def names_nobody(id: str) -> str:
    """An id or a code as it is: it travels in messages. Raises ValueError for one that names a person.

    A UUID may have as many digits in a row, and is no number of anybody; nor are eight digits in an id.
    """
    if _without_mail(id) != id or without_numbers(id, in_words=False) != id:
        raise ValueError("telephone numbers, identity numbers and mail addresses do not belong here")
    return id


# Text that leaves the service it was written in: short, and masked by the type itself so that nobody can forget.
PublicText = Annotated[str, StringConstraints(max_length=500), AfterValidator(mask)]
Fen = Annotated[int, Field(ge=0, le=2**53)]  # money in fen; the bound is what JSON readers keep exactly


B = TypeVar("B", bound=BaseModel)


def copied(kind: type[B], source: object, **more: Any) -> B:
    """Made of the fields of the same names that another object has; `more` is what it has not, or says otherwise.

    Not for what is hidden from some: that is named field by field.
    """
    same = {name: getattr(source, name) for name in kind.model_fields.keys() - more if hasattr(source, name)}
    return kind(**same, **more)


class Part(BaseModel):
    """A frozen part of a message or of a state."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """What a service says, in the past tense.

    Declared as `class ClaimMadeV1(Message, heard_by=("dispatch",))` in `shared/contracts/from_<sender>/`, on the page
    of its subject: the sender comes from the folder, name and version from the class. Writers are strict (unknown
    fields are refused), readers are not (the registry ignores what it does not know).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[int]
    heard_by: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, heard_by: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        what, _, version = cls.__name__.rpartition("V")
        cls.sender = cls.__module__.partition(".from_")[2].partition(".")[0]
        cls.name = to_snake(what)
        cls.version = int(version)
        cls.heard_by = heard_by

    @classmethod
    def type(cls) -> str:
        """The name with its version, as histories and CloudEvents carry it: `claim_made.v1`."""
        return f"{cls.name}.v{cls.version}"

    @classmethod
    def of(cls, source: object, **more: Any) -> Self:
        """What is said of a thing that has fields of the same names; `more` is what it has not, or says otherwise."""
        return copied(cls, source, **more)


M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Heard(Generic[M]):
    """A message as a listener gets it.

    `n` is its number in the sender's history; `after` the number of the last message before it that this listener
    hears. `at` is the sender's database time. `cause` names the message or the request that led to it.
    """

    order_id: UUID
    sender: str
    n: int
    after: int
    at: datetime
    by: By
    cause: str
    trace: str
    data: M
