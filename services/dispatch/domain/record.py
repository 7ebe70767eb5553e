"""What all parts of a dispatch's record share, and its files: named by their digest and kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.dispatch.domain.words import KEPT_FROM_RESIDENTS, Digest, Title
from shared.command import Command
from shared.entry import Kept


class Document(Kept):
    """A file by its name and digest. The file itself is kept elsewhere: nothing is uploaded here."""

    name: str
    sha256: str
    size: int  # bytes


class KeptNote(Kept):
    """A word of the staff that is theirs. `n`: of the event that it was said with; None: nothing happened by it."""

    n: int | None = None
    what: str  # the command, e.g. `report_handling`
    at: datetime
    role: str
    by: str  # id of the person
    text: str


class Said(Kept):
    """The last words with a command of this kind, where nothing else keeps them: said again, they are known by it."""

    by: str
    text: str
    of: str = ""  # of a transfer, the area


class DocumentIn(Command):
    """A file that is kept elsewhere. `size` in bytes."""

    name: Annotated[Title, Field(description=KEPT_FROM_RESIDENTS)]
    sha256: Digest
    size: Annotated[int, Field(ge=0, le=2**40)]


def documents_of(given: Iterable[DocumentIn]) -> tuple[Document, ...]:
    return tuple(Document(**one.model_dump()) for one in given)
