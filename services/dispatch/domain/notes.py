"""The words that stay with the staff: kept in the record beside what they were said about, and in no message.

What residents read is another field of the command (`PublicNote`, `PublicReason`), and is what messages carry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.part import part_of
from services.dispatch.domain.record import KeptNote
from services.dispatch.domain.words import Noted
from shared.caller import Caller, Role
from shared.entry import Decision

MOST = 200  # of one dispatch: the latest

P = ParamSpec("P")


def keeps_note(rule: Callable[P, Decision[Dispatch]]) -> Callable[P, Decision[Dispatch]]:
    """The rule of a command that is `Noted`: what it decides, and the note is kept with it.

    Asked again for what is already so, another note is added: no word of the staff is lost.
    """

    @wraps(rule)
    def noting(*args: P.args, **asked: P.kwargs) -> Decision[Dispatch]:
        decision = rule(*args, **asked)
        command = next(one for one in args if isinstance(one, Noted))
        by, at = asked["by"], asked["at"]
        assert isinstance(by, Caller) and isinstance(at, datetime), "every rule is told who asks, and when"
        if not command.note or (decision.state is args[0] and not _adds(decision.state, command, by)):
            return decision
        note = KeptNote(what=_name(command), at=at, role=by.role.value, by=by.id, text=command.note)
        notes = (*decision.state.notes, note)[-MOST:]
        return Decision(decision.state.but(notes=notes), decision.events)

    return noting


def numbered(before: Dispatch, after: Dispatch, first: int) -> Dispatch:
    """The same; a note that is new belongs to the `first` event of what was decided with it."""
    notes = after.notes
    if notes is before.notes or not notes:
        return after
    return after.but(notes=(*notes[:-1], notes[-1].but(n=first)))


def _adds(dispatch: Dispatch, command: Noted, by: Caller) -> bool:
    """Whether it was not said yet, by somebody who reads what is said."""
    said = (_name(command), by.id, command.note)
    return may_read(dispatch, by) and said not in ((one.what, one.by, one.text) for one in dispatch.notes)


def may_read(dispatch: Dispatch, caller: Caller) -> bool:
    """Of those who see the dispatch: the staff, and a department while it has the work."""
    part = part_of(dispatch, caller.department)
    return caller.role is not Role.DEPARTMENT or (part is not None and part.now)


def _name(command: Noted) -> str:
    """E.g. `report_handling`."""
    name = type(command).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
