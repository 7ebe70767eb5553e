"""dispatch → intake, evaluation: the clocks stand still, for a reason and until an end."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class DispatchPausedV1(Message, heard_by=("intake", "evaluation")):
    """Nothing is late while it is paused. It ends by itself."""

    kind: str  # pause, deferral, question (the resident is asked)
    reason: PublicText
    until: datetime  # at the latest
