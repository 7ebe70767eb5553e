"""What is wanted of each row, in its unit: at least that much where more is better, at most that much otherwise.

The names are those of the rows; the first goal of a row that has two.
"""

from __future__ import annotations

from collections.abc import Mapping

GROWTH = 1.2  # times as dear with much stored as with little

GOALS: Mapping[str, float] = {
    "POST behind intake's port, intake alone, 32 callers": 0.95,
    "POST behind intake's port, intake alone, 128 callers": 1.3,
    "POST through the gateway, intake alone, 32 callers": 0.8,
    "POST through the gateway, intake alone, 128 callers": 1.0,
    "POST behind intake's port, all listening, 32 callers": 0.5,
    "POST behind intake's port, all listening, 128 callers": 0.75,
    "whole lives": 28,
    "CPU of a life": 65,
    "CPU of a life / F": 1.8,
    "claim race, 64 on each call": 1000,
    "page of 20 of an open state, 16 callers": 1000,
    "page of 100 of an open state, 16 callers": 350,
    "one order with its timeline, 16 callers": 1500,
    "map of 4,000 places, 1 caller": 50,
    "clocks due at once, one process": 15,
    "clocks due at once, three processes": 15,
    "partners of a call at the gateway, p50": 20,
    "partners of a call at the gateway, p99": 60,
    "a partner's board at the gateway, p50": 20,
    "a partner's board at the gateway, p99": 60,
    "rates of an area and period, p50": 20,
    "at rest, CPU of everything": 30,
    "placed to on the queue, 50/s, p99": 100,
    "placed to on the queue, 100/s, p50": 10,
    "placed to on the queue, 100/s, p99": 50,
}
