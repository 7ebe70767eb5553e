"""dispatch → intake, evaluation: the order has a place in the grid, and its clock runs."""

from datetime import datetime

from shared.contracts.message import Message


class DispatchOpenedV1(Message, heard_by=("intake", "evaluation")):
    """The grid of the point was found. Told once per order."""

    area: str  # district/street/community/grid; without the grid when the point lies in none
    category: str
    urgency: str
    answer_by: datetime  # the dispatch limit of this urgency
    close_by: datetime  # when it must have ended, by the limit of this category
    in_no_grid: bool = False  # the nearest community has it
