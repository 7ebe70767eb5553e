"""dispatch → intake: what is supervised has not moved in time."""

from datetime import datetime

from shared.contracts.message import Message


class SupervisionOverdueV1(Message, heard_by=("intake",)):
    """The register shows it."""

    due: datetime  # that has passed
    unit: str  # area path of a level, or id of a department; empty: not said
