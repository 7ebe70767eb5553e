"""dispatch → intake, evaluation: the department accepts, or refuses with a reason."""

from shared.contracts.message import Message, PublicText


class ReferralAnsweredV1(Message, heard_by=("intake", "evaluation")):
    """A refusal names its reason and the rule it rests on, and is counted."""

    department: str
    accepted: bool
    reason: str | None = None  # code, e.g. out_of_remit; only of a refusal
    rule: PublicText = ""
    refusals: int = 0  # of this dispatch so far
