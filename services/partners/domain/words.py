"""Who reads the free text of commands, besides what all services share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.command import READ_IN_PUBLIC, Command, Note, Remark

STAYS_WITH_PARTNER = "Stays with the partner and the staff."

PublicNote = Annotated[Note, Field(description=READ_IN_PUBLIC)]


class Noted(Command):
    """What is asked of a claim, with a word besides that residents do not read. `claims/notes.py` keeps it."""

    note: Annotated[Remark, Field(description=STAYS_WITH_PARTNER)] = ""
