"""dispatch → intake: it should have ended by now."""

from datetime import datetime

from shared.contracts.message import Message


class DispatchOverdueV1(Message, heard_by=("intake",)):
    """Told once, when the limit of its category has passed."""

    close_by: datetime
