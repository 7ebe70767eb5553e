"""One request, command or message at work: who asks, when, and how a repetition is recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.caller import Caller
from shared.entry import Entry
from shared.problems import Changed


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request: kept with the entry, so that a retry gets the same bytes."""

    status: int
    body: bytes
    etag: str


def key_of(caller: Caller, key: str) -> str:
    """An Idempotency-Key bound to whoever uses it: person, role, and the area, partner and department they act for.

    The same key of somebody else, or of the same person in another office, is another key.
    """
    offices = {"area": caller.area, "partner": caller.partner, "department": caller.department}
    scope = "|".join(f"{name}:{len(of)}:{of}" for name, of in offices.items() if of)
    return f"{caller.role}:{len(scope)}:{scope}:{len(caller.id)}:{caller.id}:{key}"


class AlreadyAnswered(Exception):
    """The same request was done before; here is what it was answered. Caught by the HTTP edge."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything about a request but its own words.

    `now` is the time of the database's primary, in UTC and whole milliseconds. `key` is the Idempotency-Key, already
    bound to the caller; `fingerprint` a digest of method, path and body. `expects` is the version of If-Match.
    """

    caller: Caller
    now: datetime
    trace: str
    cause: str = ""
    key: str | None = None
    fingerprint: str = ""
    expects: int | None = None
    creates: bool = False
    view: Callable[[Entry[Any], Caller], bytes] | None = None
    version: Callable[[Entry[Any], Caller], int] | None = None  # as its ETag says it; None: the entry's
    _made: list[tuple[Entry[Any], Answer]] = field(default_factory=list, compare=False, repr=False)

    def must_expect(self, version: int) -> None:
        """Raises Changed when If-Match names another version than there is."""
        if self.expects not in (None, version):
            raise Changed(version=version)

    def version_of(self, entry: Entry[Any]) -> int:
        """The version of an entry, as this caller may know it."""
        return entry.version if self.version is None else self.version(entry, self.caller)

    def answer(self, entry: Entry[Any]) -> Answer:
        """What this caller is answered when the entry has become this. Made once: what is kept is what is sent."""
        assert self.view is not None, "only requests over HTTP are answered"
        if not self._made or self._made[-1][0] is not entry:
            body = self.view(entry, self.caller)
            etag = f'"{self.version_of(entry)}"'
            self._made[:] = [(entry, Answer(201 if self.creates else 200, body, etag))]
        return self._made[-1][1]
