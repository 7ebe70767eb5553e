"""`intake.order_placed` → its grid is found and its clock runs: `dispatch_opened`."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.opening import open_dispatch
from services.dispatch.domain.territory import Territory
from shared.contracts.from_intake.order_placed import OrderPlacedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_order_placed(
    dispatch: Dispatch, heard: Heard[OrderPlacedV1], *, territory: Territory, limits: Limits
) -> Decision[Dispatch]:
    place = heard.data.place
    found = territory.find(place.longitude, place.latitude)
    return open_dispatch(dispatch, heard.data, found=found, by=heard.by, at=heard.at, limits=limits)
