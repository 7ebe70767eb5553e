"""dispatch → intake: the district names the unit that leads."""

from shared.contracts.message import Message, PublicText


class LeadNamedV1(Message, heard_by=("intake",)):
    """It cannot refuse. Each co-unit has a task of its own."""

    unit: str  # area path of a level, or id of a department
    co_units: tuple[str, ...] = ()  # who has a part in it
    note: PublicText = ""
