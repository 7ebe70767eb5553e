"""A length of time as people write it. The one type for it: settings, bodies, registers and files of a jurisdiction."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_ISO = re.compile(r"P[0-9.YWD]*(T[0-9.HMS]+)?")  # a month is no length of time, and P30M is a mistyped PT30M


def _read(said: Any) -> Any:
    if isinstance(said, str) and _SECONDS.fullmatch(said):
        return float(said)
    if _ISO.fullmatch(said) if isinstance(said, str) else type(said) in (int, float, timedelta):
        return said
    raise ValueError("a duration is seconds, or ISO 8601 without months: 90, PT2H, P14D")


# ISO 8601 (`P14D`) or seconds
Duration = Annotated[timedelta, BeforeValidator(_read), Field(gt=timedelta(0), le=timedelta(days=3650))]
