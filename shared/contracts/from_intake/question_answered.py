"""intake → dispatch: the resident has answered. What they said stays in intake."""

from shared.contracts.message import Message


class QuestionAnsweredV1(Message, heard_by=("dispatch",)):
    """The staff of the area read the answer at intake."""

    number: int  # of the question
