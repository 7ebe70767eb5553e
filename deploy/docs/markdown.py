"""Pieces of Markdown that the documents share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from deploy.docs.places import ROOT


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )


def mermaid(kind: str, lines: Iterable[str]) -> str:
    return "```mermaid\n" + "\n".join([kind, *lines]) + "\n```\n"


def link(file: Path) -> str:
    """To a file of the project, from a document in docs/."""
    return f"../{file.relative_to(ROOT).as_posix()}"
