"""When what was agreed binds, and when a matter is back with the unit that must say what comes next."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import Clock, DispatchState
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.money import Money
from services.dispatch.domain.record import Round
from services.dispatch.domain.watch import watched


def bind(dispatch: Dispatch, agreed: Round, *, at: datetime, limits: Limits) -> Dispatch:
    """The shares bind. When nothing is missing the unit goes on by itself; a gap waits for partners or a next round."""
    money = Money(cost=agreed.cost, shares=agreed.shares, subsidies=agreed.subsidies)
    dispatch = dispatch.but(money=money)
    if money.gap:
        return returned(dispatch, at=at, limits=limits)
    own = dispatch.moved(DispatchState.IN_HANDLING, handled_by=dispatch.level.of(dispatch.area))
    return watched(own, at=at, limits=limits)


def returned(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """It is back with the unit. When nobody acts in time, the level above is whistled to."""
    return dispatch.with_clock(Clock.RETURNED, at + limits.returned)
