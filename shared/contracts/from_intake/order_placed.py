"""intake → dispatch, evaluation: a resident said what is wrong or missing."""

from shared.contracts.message import Message, Part, PublicText


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
