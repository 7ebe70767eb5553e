"""partners → dispatch, intake: every partner of the call says that its work is done."""

from uuid import UUID

from shared.contracts.message import Message, PublicText


class WorkDeliveredV1(Message, heard_by=("dispatch", "intake")):
    """The acceptance check may begin."""

    round: int
    partners: tuple[UUID, ...]
    note: PublicText = ""


class WorkDeliveredV2(Message, heard_by=("dispatch", "intake")):
    """As V1, with who acted for the partners: they neither check the work nor evaluate it."""

    round: int
    partners: tuple[UUID, ...]
    people: tuple[str, ...]  # ids of the persons who claimed, planned, reported or delivered
    note: PublicText = ""
