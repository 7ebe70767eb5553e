"""An entry as it is stored: what of it is read, and what a save writes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from shared.asked import Asked
from shared.contracts.message import Heard
from shared.entry import Decision, Entry, S, State

Document = dict[str, Any]

READ = {"version": 1, "state": 1, "heard": 1, "parked": 1, "history.type": 1, "history.at": 1}


def entry_of(document: Mapping[str, Any], kind: type[S]) -> Entry[S]:
    """The entry of a document with the fields of `READ`. Raises RuntimeError when its state is not readable."""
    try:
        state = kind.model_validate(document["state"])
    except ValidationError as error:  # a fault of ours; its own text would show what is stored
        where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False)[:5])
        raise RuntimeError(f"the stored state of {document['_id']} is not readable: {where}") from None
    history = document["history"]
    return Entry(
        document["_id"],
        state,
        document["version"],
        tuple([event["type"] for event in history]),
        document["heard"],
        frozenset(document.get("parked", ())),
        history[-1]["at"] if history else None,
    )


def after(entry: Entry[S], decision: Decision[S], asked: Asked, heard: Sequence[Heard[Any]] = ()) -> Entry[S]:
    """The entry once it is saved. Whoever lost a race asked before the winner's event, but says it after."""
    return replace(
        entry,
        state=decision.state,
        version=entry.version + 1,
        said_types=entry.said_types + tuple([event.type() for event in decision.events]),
        heard={**entry.heard, heard[-1].sender: heard[-1].n} if heard else entry.heard,
        last_at=max(asked.now, entry.last_at or asked.now) if decision.events else entry.last_at,
    )


def events_of(saved: Entry[S], decision: Decision[S], asked: Asked) -> list[Document]:
    """The new end of the history."""
    first = saved.said - len(decision.events) + 1
    return [
        {
            "n": n,
            "type": event.type(),
            "at": saved.last_at or asked.now,
            "by": {"role": asked.caller.by.role, "id": asked.caller.by.id},
            **({"stands_in_for": asked.caller.stands_in_for} if asked.caller.stands_in_for else {}),
            "data": event.model_dump(mode="json"),
            "cause": asked.cause,
            "trace": asked.trace,
        }
        for n, event in enumerate(decision.events, first)
    ]


def document_of(
    saved: Entry[S], events: list[Document], keys: list[Document], find: Document, now: datetime
) -> Document:
    """The whole document of a new entry. `find` is what lists find it by, `keys` are the answers it keeps."""
    document: Document = {
        "_id": saved.id,
        "version": saved.version,
        "said": saved.said,
        "told": 0,
        "state": saved.state.model_dump(),
        "heard": dict(saved.heard),
        "history": events,
    }
    if find:
        document["find"] = find
    if events:
        document["untold"] = now
    if saved.state.due:
        document["due_at"] = min(saved.state.due.values())
    if keys:
        document["keys"] = keys
    return document


def changes_of(
    before: Entry[S],
    saved: Entry[S],
    events: list[Document],
    keys: list[Document],
    find: Document,
    now: datetime,
) -> Document:
    """The update that makes the document of one entry that of the next version: only what is new."""
    changed: Document = {"version": saved.version, **_changed(before.state, saved.state)}
    changes: Document = {"$set": changed}
    if find:
        changed["find"] = find
    for sender, n in saved.heard.items():
        if before.heard.get(sender) != n:
            changed[f"heard.{sender}"] = n
    if saved.state.due:
        changed["due_at"] = min(saved.state.due.values())
    else:
        changes["$unset"] = {"due_at": ""}
    pushed: Document = {}
    if events:
        changed["said"] = saved.said
        pushed["history"] = {"$each": events}
        changes["$min"] = {"untold": now}
    if keys:
        pushed["keys"] = {"$each": keys}
    if pushed:
        changes["$push"] = pushed
    return changes


def _changed(before: State, saved: State) -> Document:
    """The fields of a state that are not as they were, by the names under which they are stored."""
    fields = type(saved).model_fields
    new = {name for name in fields if getattr(saved, name) is not getattr(before, name)}
    new = {name for name in new if getattr(saved, name) != getattr(before, name)}
    if not new:
        return {}
    return {f"state.{name}": value for name, value in saved.model_dump(include=new).items()}


def blank(kind: type[State]) -> Document:
    """What is stored of an entry of which nothing is known yet but that it is held."""
    return {"version": 0, "said": 0, "told": 0, "state": kind().model_dump(), "heard": {}, "history": []}
