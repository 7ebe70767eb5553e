"""dispatch → intake: the district has seen to it."""

from shared.contracts.message import Message, PublicText


class SupervisionClosedV1(Message, heard_by=("intake",)):
    """Told when the district closes it; with the end of the dispatch it ends unsaid."""

    result: PublicText  # what has come of it
