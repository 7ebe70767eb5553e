"""evaluation → dispatch, partners, intake: it is not good; the same hands do it again."""

from shared.contracts.message import Message


class ReworkRequestedV1(Message, heard_by=("dispatch", "partners", "intake")):
    """Counted; after three the district supervises."""

    reason: str  # code
    round: int  # of the evaluation that led to it
