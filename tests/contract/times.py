"""Every time and day that a request may hold, in whichever part of it."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, get_args, get_origin
from uuid import UUID

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDate,
    FutureDatetime,
    NaiveDatetime,
    PastDate,
    PastDatetime,
)
from starlette.routing import BaseRoute

from shared.naming import SERVICES

DAYS: tuple[Any, ...] = (date, PastDate, FutureDate)
TIMES: tuple[Any, ...] = (datetime, AwareDatetime, NaiveDatetime, PastDatetime, FutureDatetime)

# The ends of all that can be written, as far off as time zones can bring them.
FAR_TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00")
FAR_DAYS = ("0001-01-01", "9999-12-31")


class TimeIn(NamedTuple):
    """`at`: where, as a problem document says it: `body/lines/0/latest`. `kind`: its type with all that bounds it."""

    method: str
    path: str
    at: str
    kind: Any
    far: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.at}"

    def body(self, value: str) -> Any:
        """A body that holds this alone; None when it does not stand there."""
        where, *names = self.at.split("/")
        said: Any = value
        for name in reversed(names):
            said = [said] if name == "0" else {name: said}
        return said if where == "body" else None


def every_time() -> list[TimeIn]:
    routers = (importlib.import_module(f"services.{service}.api").router for service in SERVICES)
    return list(times_of(route for router in routers for route in router.routes))


def times_of(routes: Iterable[BaseRoute]) -> Iterator[TimeIn]:
    """Path parameters are made up; who needs another value finds nothing there."""
    for route in routes:
        if isinstance(route, APIRoute):
            path = route.path_format
            for field in route.dependant.path_params:
                some = str(UUID(int=7)) if field.field_info.annotation is UUID else "1"
                path = path.replace("{" + field.alias + "}", some)
            for at, kind, far in _of_route(route.dependant):
                yield TimeIn(min(route.methods or ("GET",)), path, at, kind, far)


def _of_route(dependant: Dependant) -> Iterator[tuple[str, Any, tuple[str, str]]]:
    for where in ("path", "query", "header", "cookie", "body"):
        for field in getattr(dependant, f"{where}_params"):
            hint = field.field_info.rebuild_annotation()
            whole = isinstance(hint, type) and issubclass(hint, BaseModel)  # its fields are the parameters
            yield from _within(hint, where if whole else f"{where}/{field.alias}", ())
    for other in dependant.dependencies:
        yield from _of_route(other)


def _within(hint: Any, at: str, seen: tuple[Any, ...]) -> Iterator[tuple[str, Any, tuple[str, str]]]:
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if bare in TIMES:
        yield at, hint, FAR_TIMES
    elif bare in DAYS:
        yield at, hint, FAR_DAYS
    elif isinstance(bare, type) and issubclass(bare, BaseModel):
        for name, field in bare.model_fields.items() if bare not in seen else ():
            yield from _within(field.rebuild_annotation(), f"{at}/{field.alias or name}", (*seen, bare))
    elif isinstance(origin := get_origin(bare), type) and issubclass(origin, Mapping):
        yield from _within(get_args(bare)[1], f"{at}/x", seen)
    else:
        many = isinstance(origin, type) and issubclass(origin, Iterable)
        for part in get_args(bare):
            yield from _within(part, f"{at}/0" if many else at, seen)
