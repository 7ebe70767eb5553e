"""evaluation → intake: the residents are asked."""

from datetime import datetime

from shared.contracts.message import Message


class EvaluationOpenedV1(Message, heard_by=("intake",)):
    """Whoever ordered may say now whether it is good."""

    until: datetime
    round: int  # rises with every rework
