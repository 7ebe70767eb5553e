"""Why the system does not start: one clear sentence for the person who started it."""

from __future__ import annotations

import re
from collections.abc import Mapping


class Refused(Exception):
    """It cannot start here as it was asked to; nothing was changed. The text says what to do."""


class Broken(Exception):
    """It was started and did not come up. The text says which part, and what it said last."""


def number(environment: Mapping[str, str], name: str, standard: int, *, least: int = 1, most: int) -> int:
    """A whole number that is set, or else `standard`. Raises Refused with the name, the value and what is allowed."""
    said = environment.get(name, str(standard))
    if not re.fullmatch("[0-9]{1,12}", said) or not least <= int(said) <= most:
        raise Refused(f"{name}={said!r}: this is a whole number from {least} to {most}.")
    return int(said)
