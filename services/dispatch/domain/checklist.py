"""What is looked at in an acceptance check, by category, and the photos from before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from services.dispatch.domain.department import Name
from services.dispatch.domain.record import CheckedItem
from shared.problems import RuleBroken


class ListedItem(BaseModel):
    """One thing to look at. `code` is unique within its list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: Name


Checklists = Mapping[str, tuple[ListedItem, ...]]  # by category; one that has none needs no list


class ChecklistNotPassed(RuleBroken):
    """Work passes when everything on the list of its category was looked at, and nothing failed."""


class NotOnList(RuleBroken):
    """This is not on the list of the category."""


def must_pass(items: Sequence[CheckedItem], wanted: Sequence[ListedItem], *, passed: bool) -> None:
    """Raises NotOnList for an item that nobody asked for, and ChecklistNotPassed for work that may not pass yet."""
    codes = {one.code for one in wanted}
    if strange := [one.code for one in items if one.code not in codes]:
        raise NotOnList(", ".join(strange))
    good = {one.code for one in items if one.passed}
    if passed and (open_ := sorted(codes - good)):
        raise ChecklistNotPassed(", ".join(open_), missing=open_)
