"""dispatch → intake: the unit that has it says how it stands."""

from shared.contracts.message import Message, PublicText


class HandlingReportedV1(Message, heard_by=("intake",)):
    """Whoever says nothing for too long is whistled over."""

    note: PublicText
