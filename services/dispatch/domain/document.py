"""Files and photos that belong to a record: named by their digest and kept elsewhere, for nothing is uploaded here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from services.dispatch.domain.record import Document
from services.dispatch.domain.words import Digest, Title
from shared.command import Command


class DocumentIn(Command):
    """A file that is kept elsewhere. `size` in bytes."""

    name: Title
    sha256: Digest
    size: Annotated[int, Field(ge=0, le=2**40)]


def documents_of(given: Iterable[DocumentIn]) -> tuple[Document, ...]:
    return tuple(Document(**one.model_dump()) for one in given)
