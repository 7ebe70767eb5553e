"""intake → dispatch, evaluation: staff corrected where it is or what it is about."""

from shared.contracts.from_intake.order_placed import Place
from shared.contracts.message import Message, PublicText


class OrderAmendedV1(Message, heard_by=("dispatch", "evaluation")):
    """How it is now, whatever of it was corrected."""

    category: str
    place: Place
    reason: PublicText
