"""dispatch → intake: most of the time has passed."""

from datetime import datetime

from shared.contracts.message import Message


class ReminderSentV1(Message, heard_by=("intake",)):
    """Told once for each clock, before it ends."""

    clock: str  # dispatch, whistle, referral, handling, deadlock, close_by, …
    level: str  # whose turn it is: grid, community, street, district
    ends: datetime
