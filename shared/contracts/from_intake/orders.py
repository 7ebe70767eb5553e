"""intake says: what residents ordered and said since."""

from collections.abc import Mapping

from shared.caller import By
from shared.contracts.message import Message, Part, PublicText


# A resident said what is wrong or missing.
class Place(Part):
    """WGS-84, degrees; `address` as people say it."""

    longitude: float
    latitude: float
    address: PublicText = ""


class OrderPlacedV1(Message, heard_by=("dispatch", "evaluation")):
    """An order was taken and will not be lost. Contact data and the full text stay in intake."""

    kind: str  # problem, need, suggestion
    category: str
    title: PublicText
    place: Place
    urgency: str  # emergency, urgent, general
    channel: str  # app, building_leader, grid_worker, hotline, open311, import
    ordered_for: str | None = None  # id of the resident for whom somebody else placed it

    def evaluated_by(self, by: By) -> str:
        """Id of the one whose evaluation counts: for whom it was ordered, or who ordered for themselves.

        Empty where that is nobody with an account: who takes orders of others, or finds something at work, does not
        evaluate what becomes of it.
        """
        return self.ordered_for or (by.id if self.channel == "app" else "")


class OrderPlacedV2(OrderPlacedV1, heard_by=("dispatch", "evaluation")):
    """As V1, with the chosen answers to the questions of the category; what was written freely stays in intake."""

    answers: Mapping[str, str] = {}  # by the question's code, the code that was chosen


# Staff corrected where it is or what it is about.
class OrderAmendedV1(Message, heard_by=("dispatch", "evaluation")):
    """How it is now, whatever of it was corrected."""

    category: str
    place: Place
    reason: PublicText


class OrderAmendedV2(OrderAmendedV1, heard_by=("dispatch", "evaluation")):
    """As V1, with how urgent it is and what was chosen, whatever of it was corrected."""

    urgency: str  # emergency, urgent, general
    answers: Mapping[str, str] = {}  # by the question's code, the code that was chosen


# Whoever placed the order does not want it any more.
class OrderWithdrawnV1(Message, heard_by=("dispatch",)):
    """The order is withdrawn; work on it stops."""

    reason: PublicText = ""


# The resident has answered. What they said stays in intake.
class QuestionAnsweredV1(Message, heard_by=("dispatch",)):
    """The staff of the area and whoever has the work read the answer at intake."""

    number: int  # of the question


# Staff wrote a title, or another category has other words.
class OrderRetitledV1(Message, heard_by=("dispatch", "evaluation")):
    """What lists show it as. It is never made of what a resident wrote."""

    title: PublicText
    reason: PublicText = ""


# It was closed, and is not good.
class OrderReopenedV1(Message, heard_by=("dispatch",)):
    """Dispatch has it again. The words of the resident stay in intake. Evaluation hears it from dispatch, in order."""

    number: int  # how often it was opened again, with this time
    reason: str  # not_done, came_back, wrongly_closed, other
