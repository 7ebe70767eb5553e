"""partners → dispatch, intake: every partner of the call says that its work is done."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class WorkDeliveredV1(Message, heard_by=("dispatch", "intake")):
    """The acceptance check may begin."""

    round: int
    partners: tuple[UUID, ...]
    note: PublicText = ""
