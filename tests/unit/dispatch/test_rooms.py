"""The rules stand in rooms by subject, and these lean on one another in one direction."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from services.dispatch import domain

_ROOT = Path(domain.__file__).parent
_SAID = re.search(r"stands before it here: (.*?)\.", domain.__doc__ or "", re.DOTALL)
ROOMS = re.findall(r"`(\w+)`", _SAID[1] if _SAID else "")


def leanings() -> Iterator[tuple[list[str], list[str]]]:
    """Which module of the rules imports which other, each as its path below `domain`."""
    for file in _ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{domain.__name__}."):
                assert node.module is not None
                here = list(file.relative_to(_ROOT).with_suffix("").parts)
                yield here, node.module.removeprefix(f"{domain.__name__}.").split(".")


def test_the_page_of_the_rules_names_every_room() -> None:
    assert sorted(ROOMS) == sorted(file.parent.name for file in _ROOT.glob("*/__init__.py"))


def test_a_room_leans_only_on_those_before_it_and_on_records() -> None:
    for here, there in leanings():
        if here[0] in ROOMS and there[0] in ROOMS and there[-1] != "record":
            assert ROOMS.index(there[0]) <= ROOMS.index(here[0]), f"{here} leans on {there}"


def test_a_record_and_the_state_that_is_made_of_them_lean_on_no_rule() -> None:
    for here, there in leanings():
        if here[-1] in ("record", "dispatch"):
            assert there[-1] in ("record", "states", "words"), f"{here} leans on {there}"
