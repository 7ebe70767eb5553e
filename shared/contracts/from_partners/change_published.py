"""partners → dispatch, intake: the need is shown as dispatch changed it."""

from shared.contracts.message import Fen, Message


class ChangePublishedV1(Message, heard_by=("dispatch", "intake")):
    """A call that was fully taken is open again when more is needed now."""

    round: int
    change: int  # the number that dispatch gave it
    gap: Fen
    reopened: bool  # it had been covered and is open again
