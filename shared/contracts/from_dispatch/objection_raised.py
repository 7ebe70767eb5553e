"""dispatch → intake: a household objects to what is on public notice."""

from shared.contracts.message import Message


class ObjectionRaisedV1(Message, heard_by=("intake",)):
    """Objections are counted here; who objects, and in which words, stays with the dispatch."""

    number: int  # of the round
    objections: int  # raised so far
