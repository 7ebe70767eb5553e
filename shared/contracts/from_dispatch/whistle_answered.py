"""dispatch → intake, evaluation: the level that was called is there."""

from shared.contracts.message import Message, PublicText


class WhistleAnsweredV1(Message, heard_by=("intake", "evaluation")):
    """A level took it up and says what it will do."""

    level: str
    measures: PublicText = ""
