"""What is looked at in an acceptance check, by category."""

from __future__ import annotations

from pydantic import BaseModel

from services.dispatch.domain.checklist import Checklists, ListedItem


class ChecklistOut(BaseModel):
    category: str
    items: list[ListedItem]


class ChecklistsOut(BaseModel):
    """A category that is not named needs no list."""

    items: list[ChecklistOut]

    @classmethod
    def of(cls, lists: Checklists) -> ChecklistsOut:
        return cls(items=[ChecklistOut(category=name, items=list(items)) for name, items in lists.items()])
