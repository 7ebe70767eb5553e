"""What lists show it as: the words of intake (of its category, or of the staff), and the name of the place."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.territory import Found
from shared.contracts.from_dispatch import DispatchRetitledV1
from shared.contracts.from_intake import OrderRetitledV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged


def titled(about: str, found: Found) -> str:
    """The place is named by its community: what a resident wrote as the address names flats and people."""
    return f"{about} · {found.community}" if found.community else about


def named(dispatch: Dispatch, about: str, found: Found) -> Decision[Dispatch]:
    """Partners who were called hear it. What was opened before the words were kept apart keeps its title."""
    title = titled(about, found) if about else dispatch.title
    if title == dispatch.title:
        return unchanged(dispatch if dispatch.about == about else dispatch.but(about=about))
    renamed = dispatch.but(about=about, title=title)
    return decided(renamed, *([DispatchRetitledV1(title=title)] if dispatch.call else []))


def retitle(
    dispatch: Dispatch, heard: Heard[OrderRetitledV1], *, ground: Ground, **_: object
) -> Decision[Dispatch]:
    """Staff wrote a title, or another category has other words; whatever became of it since. Raises NotYet."""
    dispatch.must_be_known()
    return named(dispatch, heard.data.title, ground.territory.found(dispatch.area))
