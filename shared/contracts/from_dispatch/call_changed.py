"""dispatch → partners: more is needed than was called for, or for longer."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.contracts.from_dispatch.partners_called import NeedLineV2
from shared.contracts.message import Message, PublicText


class CallChangedV1(Message, heard_by=("partners",)):
    """The need as it is now. No line is less than it was, and none is gone: what was taken stays taken."""

    round: Annotated[int, Field(ge=1)]
    change: Annotated[int, Field(ge=1)]  # the number of this change of the round
    lines: tuple[NeedLineV2, ...]
    until: datetime
    reason: PublicText = ""
