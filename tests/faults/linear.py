"""Whether what many did to one object at once could have been done one after the other.

The search of Wing and Gong: whatever was answered must be explained by some order in which no request comes before one
that had been answered when it was sent. States that were seen with the same requests done are not looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Done(Generic[D]):
    """One request with its answer: sent at `begun`, answered at `ended`."""

    begun: float
    ended: float
    what: D


def in_order(history: Sequence[Done[D]], first: S, after: Callable[[S, D], S | None]) -> list[Done[D]] | None:
    """The requests in an order that explains every answer; None when there is none.

    `after` gives the state once a request was done to a state as it was answered; None when that cannot be.
    """
    requests = sorted(history, key=lambda one: one.begun)
    everything = (1 << len(requests)) - 1
    seen: set[tuple[int, S]] = set()
    ways: list[tuple[int, S, list[int]]] = [(0, first, [])]
    while ways:
        done, state, order = ways.pop()
        done, order = _with_all_that_change_nothing(requests, done, state, list(order), after)
        if done == everything:
            return [requests[number] for number in order]
        if (done, state) in seen:
            continue
        seen.add((done, state))
        for number in _next(requests, done):
            then = after(state, requests[number].what)
            if then is not None:
                ways.append((done | 1 << number, then, [*order, number]))
    return None


def _with_all_that_change_nothing(
    requests: Sequence[Done[D]], done: int, state: S, order: list[int], after: Callable[[S, D], S | None]
) -> tuple[int, list[int]]:
    """What fits now and changes nothing never stands in the way of anything: it is done at once."""
    found = True
    while found:
        found = False
        for number in _next(requests, done):
            if after(state, requests[number].what) == state:
                done, found = done | 1 << number, True
                order.append(number)
    return done, order


def _next(requests: Sequence[Done[D]], done: int) -> list[int]:
    """Those that may come next: sent before any of the others that are left was answered."""
    found, answered = [], float("inf")
    for number, one in enumerate(requests):
        if done >> number & 1:
            continue
        if one.begun > answered:
            break
        found.append(number)
        answered = min(answered, one.ended)
    return found
