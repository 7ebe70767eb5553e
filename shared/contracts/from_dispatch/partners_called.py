"""dispatch → partners: a need that partners may take."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.message import Fen, Message, Part, PublicText


class NeedLine(Part):
    """One line of the need. `amount` is fen for funds, whole units for everything else."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    kind: Literal["funds", "goods", "labour", "venue", "professional_service", "data"]
    amount: Annotated[int, Field(gt=0, le=2**53)]
    unit: Annotated[str, Field(max_length=20)] = "fen"
    text: PublicText = ""


class PartnersCalledV1(Message, heard_by=("partners",)):
    """The need of one order, line by line. Told again with a higher `round` when it is called anew."""

    round: Annotated[int, Field(ge=1)]
    title: PublicText
    category: str
    area: str
    lines: tuple[NeedLine, ...]
    exclusive: bool  # one partner takes everything, or several share
    offered_to: tuple[str, ...] = ()  # partner ids; empty: open to all
    until: datetime
    cost: Fen = 0
    shares: Fen = 0  # what the households agreed to
    subsidies: Fen = 0


class NeedLineV2(NeedLine):
    """A line with the last day on which it is of use."""

    latest: date | None = None  # the last day on which it is of use; null: any day


class PartnersCalledV2(Message, heard_by=("partners",)):
    """As V1, with what matching needs: where it is, how urgent, how it is offered, and whose own matter it is."""

    round: Annotated[int, Field(ge=1)]
    title: PublicText
    category: str
    urgency: str
    area: str
    longitude: float  # WGS-84, degrees
    latitude: float
    lines: tuple[NeedLineV2, ...]
    exclusive: bool  # one partner takes everything, or several share
    offer: Literal["open", "chosen", "matched"]  # to all, to chosen partners, or to those who fit best first
    offered_to: tuple[str, ...] = ()  # partner ids; only of a chosen offer
    until: datetime
    cost: Fen = 0
    shares: Fen = 0  # what the households agreed to
    subsidies: Fen = 0
    own_of: tuple[str, ...] = ()  # ids of those whose own matter it is: who ordered it, the unit that has it
    households: tuple[str, ...] = ()  # flats of the area that bear a share of it
