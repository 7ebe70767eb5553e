"""An entry of a list, and what a rule decides about it. Pure: nothing here reads a clock or a store.

A use case loads an `Entry`, a rule turns its state into a `Decision`, and the store saves both the new state and the
events of the decision in one write. The events are the history, and the history is what is told to the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.message import Message


class Kept(BaseModel):
    """A frozen part of what is stored. Readers ignore what an older or newer version has besides."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def but(self, **changes: Any) -> Self:
        """The same, but for these fields, which are not checked."""
        return self.model_copy(update=changes)


class State(Kept):
    """What a list knows about an order. Frozen; every change makes a new one with `but`.

    `due` names the clocks that run: what they are for → when they strike (UTC). The earliest one wakes the entry.
    """

    due: Mapping[str, datetime] = Field(default_factory=dict)

    def with_clock(self, name: str, at: datetime | None) -> Self:
        """The same state with one clock set, or stopped (None)."""
        due = {key: value for key, value in self.due.items() if key != name}
        if at is not None:
            due[name] = at
        return self.but(due=due)


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """A new state and what is to be told of it, in order. The very same state and no event: nothing happened."""

    state: S
    events: tuple[Message, ...] = ()


def decided(state: S, *events: Message) -> Decision[S]:
    return Decision(state, events)


def unchanged(state: S) -> Decision[S]:
    """Asked again for what is already so: nothing is saved and nothing is told."""
    return Decision(state)


@dataclass(frozen=True, slots=True)
class Entry(Generic[S]):
    """One document of a list.

    `version` rises with every save (it is the ETag); `said` is the number of the last event in the history, whose
    types are `said_types`; `heard` is the number of the last message applied from each other service; `parked` names
    the services that are not listened to until an operator mends the cause.
    """

    id: UUID
    state: S
    version: int = 0  # 0: not stored yet
    said_types: tuple[str, ...] = ()
    heard: Mapping[str, int] = field(default_factory=dict)
    parked: frozenset[str] = frozenset()
    last_at: datetime | None = None  # when the last event was said; the next one is not said before it

    @property
    def said(self) -> int:
        return len(self.said_types)


class NotYet(Exception):
    """A reaction needs what another service has said but we have not heard: the message waits a moment."""
