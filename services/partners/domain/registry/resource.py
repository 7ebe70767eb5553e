"""What a partner can give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NewType, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.partners.domain.claim import FUNDS
from shared.command import READ_IN_PUBLIC, Code, Day, Line
from shared.contracts.called import together
from shared.contracts.message import Part, mask

AreaPath = Annotated[str, StringConstraints(pattern=r"^\d{6}(/\d{9}(/\d{12}(/\d{2})?)?)?$")]
ResourceKind = Literal["funds", "goods", "labour", "venue", "professional_service", "data"]

# everybody reads it: no telephone numbers
Word = Annotated[Line, Field(max_length=100, description=READ_IN_PUBLIC), AfterValidator(mask)]


class Name(Part):
    """Words in Chinese, and in English where there are some."""

    zh: Word
    en: Word | None = None

    def __str__(self) -> str:
        return together(self.zh, self.en)


class Resource(Part):
    """One thing a partner can give. `quantity` is fen for funds, whole units for everything else.

    `codes` say what it is, in the words that lines of a call are named by: `drying_rack`, `steel_pipe`, `mason`.
    `per`: how often the quantity is there anew: goods are gone when they are given, hours come again every month.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$")] = ""  # among those of the partner
    kind: ResourceKind
    codes: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    name: Name
    quantity: Annotated[int, Field(gt=0, le=2**53)]
    unit: Annotated[Line, Field(max_length=20, description=READ_IN_PUBLIC), AfterValidator(mask)]
    per: Literal["once", "month", "year"] = "once"
    area: AreaPath  # where it is given
    begins: date | None = None  # the first day on which it can be had
    ends: date | None = None  # the last one
    conditions: Name | None = None  # under which it is given

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.begins and self.ends and self.ends < self.begins:
            raise ValueError("it can be had until the day it begins, or later")
        return self

    @property
    def things(self) -> tuple[str, ...]:
        """What it is, in whatever unit, wherever and whenever it is given."""
        if self.kind == FUNDS:
            return (FUNDS,)
        return tuple([f"{self.kind}|{code}" for code in self.codes])

    def is_there_on(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


class ResourceIn(Resource):  # as it is said: what was kept before may be of any age
    __doc__ = Resource.__doc__

    begins: Day | None = None
    ends: Day | None = None

    def kept(self) -> Resource:
        return Resource(**dict(self))


Key = NewType("Key", str)  # what a line asks for and what a resource gives: they fit when this is the same


def key_of(kind: str, unit: str, name: str) -> Key:
    """Of a line by its name, or of a resource by one of its codes. Money needs no code."""
    code = "" if kind == FUNDS else name.partition("-")[0]  # `rack-2` is a second line of racks
    return Key(f"{kind}|{unit}|{code}")


def keys_of(resource: Resource) -> tuple[Key, ...]:
    """What a resource can be asked for as. Without a code, only money can be asked for."""
    if resource.kind == FUNDS:
        return (key_of(FUNDS, resource.unit, ""),)
    return tuple(dict.fromkeys(key_of(resource.kind, resource.unit, code) for code in resource.codes))
