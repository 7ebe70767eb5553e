"""What something is called, one language to a field."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

_BETWEEN = " / "


class Called(TypedDict):
    """`en` where there is an English name."""

    zh: str
    en: NotRequired[str]


def called(zh: str, en: str | None = None) -> Called:
    return Called(zh=zh, en=en) if en else Called(zh=zh)


def together(zh: str, en: str | None = None) -> str:
    """The `partner_name` of messages: one text, the Chinese first. What is published is never changed."""
    return f"{zh}{_BETWEEN}{en}" if en else zh


def apart(text: str) -> Called:
    """What `together` made one text of."""
    zh, _, en = text.partition(_BETWEEN)
    return called(zh, en)
