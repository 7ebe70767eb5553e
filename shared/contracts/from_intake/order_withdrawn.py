"""intake → dispatch: whoever placed the order does not want it any more."""

from shared.contracts.message import Message, PublicText


class OrderWithdrawnV1(Message, heard_by=("dispatch",)):
    """The order is withdrawn; work on it stops."""

    reason: PublicText = ""
