"""Every state that a rule makes in a unit test is stored and read again: a service decides on what it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.entry import State
from tests.unit.stored import stored


@pytest.fixture(scope="module", autouse=True)
def what_is_remembered_is_what_is_stored() -> Iterator[None]:
    made = State.but

    def checked(state: State, /, **changes: Any) -> State:
        after = made(state, **changes)
        assert stored(after) == after, f"stored and read again it is different: {', '.join(changes)}"
        return after

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(State, "but", checked)
        yield
