"""A refusal is a type. Its docstring is the title that people read; only the HTTP edge turns it into a status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar


class RuleBroken(Exception):
    """The rules do not allow this now."""

    status: ClassVar[int] = 409

    def __init__(self, detail: str = "", /, **now: Any) -> None:
        """`detail` says what was wrong this time; `now` is what is true instead, and is shown to the caller."""
        super().__init__(detail)
        self.detail = detail
        self.now: Mapping[str, Any] = now

    @classmethod
    def slug(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class NotFound(RuleBroken):
    """There is no such thing, or it is not yours to see."""

    status = 404


class NotAllowed(RuleBroken):
    """Your role may not do this."""

    status = 403


class NotPublic(NotAllowed):
    """Everybody sees wide areas and whole months alone, some time after these have ended."""


class NotSignedIn(RuleBroken):
    """The request carries no valid token."""

    status = 401


class Malformed(RuleBroken):
    """The request is not of the form that this address takes."""

    status = 422


class TooLarge(RuleBroken):
    """The request is larger than what is taken here."""

    status = 413


class KeyReused(RuleBroken):
    """This Idempotency-Key was used with another request."""


class Changed(RuleBroken):
    """It was changed since you looked at it."""

    status = 412


class LostRace(RuleBroken):
    """Somebody else changed this at the same moment, again and again."""


class Unavailable(RuleBroken):
    """The service cannot answer just now. Nothing was lost; please try again."""

    status = 503


class TooBusy(Unavailable):
    """More requests are in work than the service takes on at once."""


class TooManyStreams(RuleBroken):
    """You, or those who watch this, have as many live streams open as one can have at once.

    `of` says which: person, entry. Close one; one that was left is closed within seconds.
    """

    status = 429


class NoSuchName(RuleBroken):
    """Something is named that does not exist.

    `what` it would be, the `name` that was sent, and the `nearest` that there are.
    """


class WrongState(RuleBroken):
    """This cannot be done in the present state."""


def every_problem(base: type[RuleBroken] = RuleBroken) -> dict[str, type[RuleBroken]]:
    """All refusals that are loaded, by slug."""
    found = {base.slug(): base}
    for sub in base.__subclasses__():
        found |= every_problem(sub)
    return found


def must_be_one_of(there: Iterable[str], /, **named: str) -> None:
    """`must_be_one_of(categories, category="pipe")`. Raises NoSuchName."""
    names = list(there)
    for what, name in named.items():
        if name not in names:
            nearest = get_close_matches(name, names, 3)
            near = f"; is it {nearest[0]}?" if nearest else ""
            raise NoSuchName(f"there is no {what} {name}{near}", what=what, name=name, nearest=nearest)
