"""dispatch → intake, evaluation: a person or a unit has the order in hand."""

from shared.contracts.message import Message


class DispatchAssignedV1(Message, heard_by=("intake", "evaluation")):
    """Somebody answers for it. The first one counts for the response rate."""

    to: str  # id of the grid worker or unit
    level: str
