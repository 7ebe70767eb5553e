"""`intake.order_placed` → its grid is found and its clock runs: `dispatch_opened`."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.opening import open_dispatch
from shared.contracts.from_intake.order_placed import OrderPlacedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_order_placed(
    dispatch: Dispatch, heard: Heard[OrderPlacedV1], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    place = heard.data.place
    found = ground.territory.find(place.longitude, place.latitude)
    return open_dispatch(dispatch, heard.data, found=found, by=heard.by, at=heard.at, limits=limits)
