"""evaluation says: how residents found what was done."""

from datetime import datetime

from shared.contracts.message import Message


# The residents are asked.
class EvaluationOpenedV1(Message, heard_by=("intake",)):
    """Whoever ordered may say now whether it is good."""

    until: datetime
    round: int  # rises with every rework


# A resident said how good it is.
class WorkEvaluatedV1(Message, heard_by=("dispatch", "intake", "partners")):
    """One evaluation by one household. The words of the resident stay in evaluation."""

    verdict: str  # satisfied, mostly, unsatisfied
    result: int  # 1…5 each
    speed: int
    manner: int
    reason: str | None = None  # code; only of unsatisfied
    round: int


# It is not good; the same hands do it again.
class ReworkRequestedV1(Message, heard_by=("dispatch", "partners", "intake")):
    """Counted; after three the district supervises."""

    reason: str  # code
    round: int  # of the evaluation that led to it


# Nobody said anything in time.
class EvaluationLapsedV1(Message, heard_by=("dispatch", "intake")):
    """Silence is reported as silence, never counted as satisfied."""

    round: int
