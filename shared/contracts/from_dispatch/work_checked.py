"""dispatch → evaluation, partners, intake: the acceptance check."""

from shared.contracts.message import Message, PublicText


class WorkCheckedV1(Message, heard_by=("evaluation", "partners", "intake")):
    """Passed: the residents are asked. Failed: the same hands do it again, and it is counted."""

    passed: bool
    note: PublicText = ""
    reworks: int = 0
    # ids of the partners, units and persons who did the work: they may not evaluate it
    done_by: tuple[str, ...] = ()
    partners: bool = False  # true when partners did it
