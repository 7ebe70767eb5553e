"""partners → dispatch, intake: nothing of the need is missing any more."""

from uuid import UUID

from shared.contracts.message import Fen, Message


class CallCoveredV1(Message, heard_by=("dispatch", "intake")):
    """Every line is taken."""

    round: int
    partners: tuple[UUID, ...]
    pledged: Fen  # fen on the lines of funds
