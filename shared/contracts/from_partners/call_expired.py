"""partners → dispatch, intake: the call ended before everything was taken."""

from shared.contracts.message import Fen, Message


class CallExpiredV1(Message, heard_by=("dispatch", "intake")):
    """The need is back with the unit that called; partial claims are released."""

    round: int
    gap: Fen
