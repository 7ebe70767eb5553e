"""dispatch → intake: the unit that handled it itself says that the work is done."""

from shared.contracts.message import Message, PublicText


class WorkReportedV1(Message, heard_by=("intake",)):
    """The acceptance check may begin. (What partners deliver is `partners.work_delivered`.)"""

    note: PublicText = ""
