"""dispatch says: what it is about and who has it."""

from datetime import datetime
from uuid import UUID

from shared.contracts.message import Message, PublicText


# The order has a place in the grid, and its clock runs.
class DispatchOpenedV1(Message, heard_by=("intake", "evaluation")):
    """The grid of the point was found. Told once per order."""

    area: str  # district/street/community/grid; without the grid when the point lies in none
    category: str
    urgency: str
    answer_by: datetime  # the dispatch limit of this urgency
    close_by: datetime  # when it must have ended, by the limit of this category
    in_no_grid: bool = False  # the nearest community has it


# A person or a unit has the order in hand.
class DispatchAssignedV1(Message, heard_by=("intake", "evaluation")):
    """Somebody answers for it. The first one counts for the response rate."""

    to: str  # id of the grid worker or unit
    level: str


# Who had it leaves, and somebody else has it as it stands.
class WorkHandedOverV1(Message, heard_by=("intake",)):
    """Nothing else changes by it: neither what was reached nor any clock."""

    to: str  # id of a person of the staff
    level: str


# The order lies elsewhere than was said before, or another level has it.
class DispatchMovedV1(Message, heard_by=("intake", "partners", "evaluation")):
    """It was handed to another grid, or found in another one. `answer_by`: when the new unit must have taken it."""

    area: str
    from_area: str  # where it was said to lie before
    level: str  # that answers for it now
    in_no_grid: bool  # the nearest community has it
    cause: str  # transfer, territory, amended
    reason: PublicText = ""
    answer_by: datetime | None = None  # None: the unit that answers for it is the same as before


# The area of an order that has ended is not there any more.
class AreaSucceededV1(Message, heard_by=("intake", "partners", "evaluation")):
    """It is kept under the area that came after. Nobody has to do anything, and residents are not told."""

    area: str
    from_area: str  # where it was kept before


# The unit needs to know something from the resident.
class QuestionAskedV1(Message, heard_by=("intake",)):
    """The clocks stand still until the answer, or until the time for it is over."""

    number: int  # of the question: 1, 2, …
    question: PublicText  # words of the unit, masked
    until: datetime  # then the work goes on without an answer


# It repeats another order, and that one is worked on.
class DispatchMergedV1(Message, heard_by=("intake", "evaluation")):
    """Nobody works on it by itself from now on. It ends with the other one, or comes back."""

    original: UUID  # id of the order that it repeats
    note: PublicText = ""


# It does not repeat the other order any more, or that one ended without a solution.
class DispatchUnmergedV1(Message, heard_by=("intake", "evaluation")):
    """It is back with the unit that answers for it, and its clocks run from now."""

    cause: str  # unbound, original_ended, circle
    note: PublicText = ""
    level: str  # that answers for it
    answer_by: datetime  # when somebody must have taken it
    close_by: datetime  # when it must have ended


# It has ended, and how.
class DispatchClosedV1(Message, heard_by=("intake", "partners", "evaluation")):
    """The last word of a dispatch."""

    outcome: str  # solved, partly, not_solved, out_of_remit, withdrawn, duplicate
    in_time: bool
    note: PublicText = ""


# It was closed and is open again.
class DispatchReopenedV1(Message, heard_by=("intake", "partners", "evaluation")):
    """Whoever had it last has it again. What was spent on the work that was done does not count for what comes."""

    number: int  # how often it was opened again, with this time
    level: str  # that answers for it
    taken: bool  # somebody has it in hand; if not, it waits to be taken until `answer_by`
    answer_by: datetime | None = None
    close_by: datetime  # when it must have ended, counted anew
    calls: int  # partners were called so often until now; those calls are over
    cost: int  # fen; 0: not known. What was agreed and not spent still holds
    shares: int
    subsidies: int


# Lists show it as something else.
class DispatchRetitledV1(Message, heard_by=("partners",)):
    """The words of its category or of the staff, with the name of the place."""

    title: PublicText
