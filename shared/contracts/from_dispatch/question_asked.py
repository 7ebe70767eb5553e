"""dispatch → intake: the unit needs to know something from the resident."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class QuestionAskedV1(Message, heard_by=("intake",)):
    """The clocks stand still until the answer, or until the time for it is over."""

    number: int  # of the question: 1, 2, …
    question: PublicText  # words of the unit, masked
    until: datetime  # then the work goes on without an answer
