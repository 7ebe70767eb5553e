"""dispatch → intake: nobody is responsible, or nobody can."""

from shared.contracts.message import Message, PublicText


class DeadlockDeclaredV1(Message, heard_by=("intake",)):
    """A deadlock is a state with exits: deliberation, partners, supervision."""

    reason: PublicText
