"""dispatch → intake, partners, evaluation: the order lies elsewhere than was said before, or another level has it."""

from datetime import datetime

from shared.contracts.message import Message, PublicText


class DispatchMovedV1(Message, heard_by=("intake", "partners", "evaluation")):
    """It was handed to another grid, or found in another one. `answer_by`: when the new unit must have taken it."""

    area: str
    from_area: str  # where it was said to lie before
    level: str  # that answers for it now
    in_no_grid: bool  # the nearest community has it
    cause: str  # transfer, territory, amended
    reason: PublicText = ""
    answer_by: datetime | None = None  # None: the unit that answers for it is the same as before
