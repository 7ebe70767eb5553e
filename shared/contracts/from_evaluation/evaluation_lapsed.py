"""evaluation → dispatch, intake: nobody said anything in time."""

from shared.contracts.message import Message


class EvaluationLapsedV1(Message, heard_by=("dispatch", "intake")):
    """Silence is reported as silence, never counted as satisfied."""

    round: int
