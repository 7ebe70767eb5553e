"""evaluation → dispatch, intake, partners: a resident said how good it is."""

from shared.contracts.message import Message


class WorkEvaluatedV1(Message, heard_by=("dispatch", "intake", "partners")):
    """One evaluation by one household. The words of the resident stay in evaluation."""

    verdict: str  # satisfied, mostly, unsatisfied
    result: int  # 1…5 each
    speed: int
    manner: int
    reason: str | None = None  # code; only of unsatisfied
    round: int
