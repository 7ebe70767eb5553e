"""A message: a versioned, frozen class with one sender and named listeners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.caller import By

_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
)
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def mask(text: str) -> str:
    """The text without telephone numbers, identity numbers and mail addresses."""
    for pattern in (_IDENTITY, _PHONE, _EMAIL):
        text = pattern.sub("***", text)
    return text


# Text that leaves the service it was written in: short, and masked by the type itself so that nobody can forget.
PublicText = Annotated[str, StringConstraints(max_length=500), AfterValidator(mask)]
Fen = Annotated[int, Field(ge=0, le=2**53)]  # money in fen; the bound is what JSON readers keep exactly


class Part(BaseModel):
    """A frozen part of a message or of a state."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(BaseModel):
    """What a service says, in the past tense.

    Declared as `class ClaimMadeV1(Message, heard_by=("dispatch",))` in `shared/contracts/from_<sender>/claim_made.py`:
    sender and name come from the file, the version from the class. Writers are strict (unknown fields are refused),
    readers are not (the registry ignores what it does not know).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[int]
    heard_by: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, heard_by: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        package, _, module = cls.__module__.rpartition(".")
        cls.sender = package.rpartition(".from_")[2]
        cls.name = module
        cls.version = int(cls.__name__.rpartition("V")[2])
        cls.heard_by = heard_by

    @classmethod
    def type(cls) -> str:
        """The name with its version, as histories and CloudEvents carry it: `claim_made.v1`."""
        return f"{cls.name}.v{cls.version}"


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
