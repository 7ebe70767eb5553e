"""What all routes of dispatch share: the router they stand on, who may ask, what they use."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID

from fastapi import APIRouter
from fastapi.types import DecoratedCallable
from pydantic import StringConstraints
from starlette.responses import Response

from services.dispatch.books import Books
from services.dispatch.commands.import_territory import Imports
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch, IsPaused
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.queries.figures import Figures
from services.dispatch.queries.names import Naming
from services.dispatch.queries.rows import Maps
from services.dispatch.queries.saved import SavedFilters
from services.dispatch.queries.views import DispatchOut
from services.dispatch.store import Dispatches
from shared.caller import STAFF, Caller, Role
from shared.entry import Decision
from shared.http import Asked, Depends, asked_by, problems, reply, signed_in, using
from shared.problems import NotAllowed, NotFound, RuleBroken, WrongState
from shared.quick import QuickRoute
from shared.store import decide

C_contra = TypeVar("C_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    dispatches: Dispatches
    filters: SavedFilters
    maps: Maps
    figures: Figures
    books: Books
    names: Naming
    limits: Limits
    timezone: str
    imports: Imports
    # as long as it lasts: by another calendar, if there is one
    counted_anew: AbstractAsyncContextManager[None]

    @property
    def ground(self) -> Ground:
        """The newest version of what everybody stands on. Whoever decides takes it once."""
        return self.books.now

    @property
    def territory(self) -> Territory:
        return self.books.now.territory

    def acting(self, asked: Asked) -> tuple[Caller, ...]:
        """The caller, and then the caller as each of those for whom they stand in now."""
        return self.books.register.acting(asked.caller, asked.now)


Endpoint = Callable[..., Awaitable[Any]]


class StandInRoute(QuickRoute):
    """What the caller may not do themselves they may as somebody who is away and for whom they stand in.

    Nothing is written before it is known who may, so that it can be asked for again. That is so for orders, and for
    what is read: nobody changes the registers, the territory or the rules by borrowed power, which could make itself
    last for ever.
    """

    def __init__(self, path: str, endpoint: Endpoint, **more: Any) -> None:
        of_an_order = "{order_id}" in path or set(more.get("methods") or ()) <= {"GET"}
        stands_in = of_an_order and {"asked", "use"} <= inspect.signature(endpoint).parameters.keys()
        super().__init__(path, _as_who_may(endpoint) if stands_in else endpoint, **more)


def _as_who_may(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def answer(*, asked: Asked, use: Use, **more: Any) -> Any:
        refused: RuleBroken | None = None
        for caller in use.acting(asked):
            as_them = asked if caller is asked.caller else replace(asked, caller=caller, _made=[])
            try:
                return await endpoint(asked=as_them, use=use, **more)
            except (NotFound, NotAllowed) as error:
                if refused is None or isinstance(refused, NotFound):
                    refused = error  # what says more than that it is not there
        assert refused is not None, "the caller is one of them"
        raise refused

    return answer


Uses = Annotated[Use, Depends(using(Use))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
Department = Annotated[Asked, Depends(asked_by(Role.DEPARTMENT))]
StaffOrDepartment = Annotated[Asked, Depends(asked_by(*STAFF, Role.DEPARTMENT))]
Anybody = Annotated[Caller, Depends(signed_in())]
Everybody = Annotated[Caller, Depends(signed_in(anonymous=True))]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,3}$")]

router = APIRouter(prefix="/api/dispatch/v1", route_class=StandInRoute)
AT = "/dispatches/{order_id}"
ALWAYS = (NotFound, NotYourLevel, WrongState, IsPaused)


def on_dispatch(path: str, *refusals: type[RuleBroken]) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """The route of what is asked of one dispatch: answered with its whole record, or refused."""
    return router.post(
        f"{AT}{path}", tags=["dispatches"], response_model=DispatchOut, responses=problems(*ALWAYS, *refusals)
    )


async def answered(
    use: Use, order_id: UUID, asked: Asked, rule: Callable[[Dispatch], Decision[Dispatch]]
) -> Response:
    """What the caller sees of it after the rule has decided."""
    return reply(await decide(use.dispatches, order_id, asked, rule), asked)


class Rule(Protocol[C_contra]):
    """The usual form of a rule: what is asked, by whom, when, and within which limits."""

    def __call__(
        self, dispatch: Dispatch, command: C_contra, /, *, by: Caller, at: datetime, limits: Limits
    ) -> Decision[Dispatch]: ...


async def by_rule(use: Use, order_id: UUID, asked: Asked, rule: Rule[C_contra], body: C_contra) -> Response:
    """The answer to what is asked of one dispatch, where the rule has the usual form."""
    return await answered(
        use, order_id, asked, lambda it: rule(it, body, by=asked.caller, at=asked.now, limits=use.limits)
    )
