"""`evaluation.rework_requested` → the same hands do it again; too often raises supervision."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.work import rework
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_rework_requested(
    dispatch: Dispatch, heard: Heard[ReworkRequestedV1], *, limits: Limits
) -> Decision[Dispatch]:
    return rework(dispatch, at=heard.at, limits=limits)
