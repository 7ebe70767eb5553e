"""The rules stand by subject: none knows in a circle of another, and the rooms beside them have the same names."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

HERE = Path(__file__).parent
SERVICE = HERE.parents[2] / "services" / "partners"
DOMAIN = SERVICE / "domain"


def rooms(folder: Path) -> set[str]:
    """What a folder holds: packages, and files but for what all of them share."""
    packages = {one.parent.name for one in folder.glob("*/__init__.py")}
    return packages | {one.stem for one in folder.glob("*.py")} - {"__init__", "router"}


SUBJECTS = {one.parent.name for one in DOMAIN.glob("*/__init__.py")}


def known_to(subject: str) -> set[str]:
    """The other subjects that its rules import from."""
    texts = [file.read_text("utf-8") for file in (DOMAIN / subject).glob("*.py")]
    named = re.findall(r"^from services\.partners\.domain\.(\w+)", "\n".join(texts), re.MULTILINE)
    return SUBJECTS.intersection(named) - {subject}


def test_no_subject_knows_another_that_knows_it() -> None:
    order = list(TopologicalSorter({subject: known_to(subject) for subject in SUBJECTS}).static_order())
    assert set(order) == SUBJECTS
    assert order.index("registry") < order.index("claims") < order.index("calls")


def test_routes_views_and_tests_stand_in_rooms_of_the_same_names() -> None:
    assert rooms(SERVICE / "api") == SUBJECTS
    assert rooms(SERVICE / "queries") <= SUBJECTS
    assert {one.parent.name for one in HERE.glob("*/__init__.py")} == SUBJECTS


def test_each_subject_says_on_its_first_page_where_its_rules_are() -> None:
    for subject in SUBJECTS:
        page = (DOMAIN / subject / "__init__.py").read_text("utf-8")
        files = {file.stem for file in (DOMAIN / subject).glob("*.py")} - {"__init__", "refusals"}
        assert {file for file in files if f"`{file}`" in page} == files
