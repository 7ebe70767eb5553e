"""Markup that cannot be forgotten to be escaped: every text is, unless it is markup already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

_EMPTY = frozenset({"link", "meta", "br", "wbr"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = "Html | str | int | Iterable[Child] | None"


def text(child: Child) -> Html:
    """Children as markup: texts escaped, lists one after the other, None left out."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return Html(escape(str(child)))
    return Html("".join(text(one) for one in child))


def tag(name: str, /, *children: Child, **attributes: str | None) -> Html:
    """An element. `class_` and `for_` lose their underscore, `http_equiv` becomes `http-equiv`; None leaves one out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>") if name in _EMPTY else Html(f"<{name}{said}>{text(children)}</{name}>")


def link(to: str, *children: Child, **attributes: str | None) -> Html:
    return tag("a", *children, href=to, **attributes)


def breakable(words: str, after: str) -> Html:
    """May be broken over lines after each of these characters, and is still copied as it is."""
    return Html((escape(after) + tag("wbr")).join(escape(part) for part in words.split(after)))


def prose(words: str) -> Html:
    """Plain words with `code` in backticks."""
    parts = re.split(r"`([^`\n]+)`", words)
    return text([tag("code", part) if n % 2 else part for n, part in enumerate(parts)])


def paragraphs(words: str) -> Html:
    """The same, in paragraphs parted by blank lines."""
    return text([tag("p", prose(one)) for one in re.split(r"\n\s*\n", words.strip()) if one])


def table(head: Iterable[Child], rows: Iterable[Iterable[Child]]) -> Html:
    """On a narrow screen each row becomes a block (style.css). A column where nobody says anything is left out."""
    cells = [[text(cell) for cell in row] for row in rows]
    names = list(head)
    told = [n for n in range(len(names)) if any(row[n] for row in cells)]
    if not cells:
        return Html("")
    body = [tag("tr", [tag("td", row[n]) for n in told]) for row in cells]
    return tag("table", tag("thead", tag("tr", [tag("th", names[n]) for n in told])), tag("tbody", body))
