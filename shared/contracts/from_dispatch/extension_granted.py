"""dispatch → intake, evaluation: it may take longer."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class ExtensionGrantedV1(Message, heard_by=("intake", "evaluation")):
    """The level above has granted it."""

    reason: PublicText
    close_by: datetime  # when it must have ended now
