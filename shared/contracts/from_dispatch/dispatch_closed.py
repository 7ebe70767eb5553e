"""dispatch → intake, partners, evaluation: it has ended, and how."""

from shared.contracts.message import Message, PublicText


class DispatchClosedV1(Message, heard_by=("intake", "partners", "evaluation")):
    """The last word of a dispatch."""

    outcome: str  # solved, partly, not_solved, out_of_remit, withdrawn, duplicate
    in_time: bool
    note: PublicText = ""
