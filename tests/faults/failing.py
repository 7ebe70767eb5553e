"""A service whose handlers fail: started in the place of the real one by the proof `passing-failure`, never else.

    uvicorn --factory tests.faults.failing:app

Which service it is, its database user says. Every handler fails in each of three ways once, at the first messages that
it gets: in the reaction, before the save, and after it. What happened is written to HEHUO_PROOF_FOLDER, a line each.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import shared.service
from shared.asked import Asked
from shared.bus import Bus
from shared.contracts.message import Heard, Message
from shared.entry import Decision, Entry, State
from shared.hearing import Arrived, Reaction, Reactions
from shared.problems import Unavailable
from shared.relay import Relay
from shared.settings import ServiceSettings
from shared.store import Database, Entries, Guard

FOLDER = "HEHUO_PROOF_FOLDER"
WAYS_LEFT = "HEHUO_PROOF_WAYS"  # how many of the ways are to happen; the tries are written down in any case
WAYS = ("in the reaction", "before the save", "after the save")


class PassingFault(Exception):
    """Made by the proof."""


class Plan:
    """Which way each handler fails next."""

    def __init__(self, service: str, folder: Path, ways: int) -> None:
        self._service = service
        self._ways = ways
        self._file = folder / f"{service}.jsonl"
        self._done: dict[type[Message], int] = {}

    def is_next(self, heard: Heard[Any], way: str) -> bool:
        """Whether this message is to fail this way now. It is asked once, for then it is done."""
        kind = type(heard.data)
        done = self._done.get(kind, 0)
        if done >= self._ways or WAYS[done] != way:
            return False
        self._done[kind] = done + 1
        self.write(sender=heard.sender, type=kind.type(), failed=way, order=str(heard.order_id), n=heard.n)
        return True

    def write(self, **line: Any) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"listener": self._service, **line}) + "\n")


class FailingBus(Bus):
    """The real one, with handlers that fail by plan."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        database: Database,
        entries: Entries[Any],
        state: type[State],
        relay: Relay,
        reactions: Reactions,
    ) -> None:
        self._plan = Plan(service, Path(os.environ[FOLDER]), int(os.environ[WAYS_LEFT]))
        self._save = entries.save
        entries.save = self._failing_save  # type: ignore[method-assign]
        failing = {kind: self._failing(reaction) for kind, reaction in reactions.items()}
        super().__init__(service, settings, database, entries, state, relay, failing)

    def _failing(self, reaction: Reaction) -> Reaction:
        def react(state: Any, heard: Heard[Any]) -> Decision[Any]:
            if self._plan.is_next(heard, WAYS[0]):
                raise PassingFault
            return reaction(state, heard)

        return react

    async def _failing_save(
        self,
        entry: Entry[Any],
        decision: Decision[Any],
        asked: Asked,
        heard: Sequence[Heard[Any]] = (),
        guard: Guard | None = None,
    ) -> Entry[Any]:
        if [one for one in heard if self._plan.is_next(one, WAYS[1])]:
            raise Unavailable("made by the proof, before the save")
        saved = await self._save(entry, decision, asked, heard, guard)
        if [one for one in heard if self._plan.is_next(one, WAYS[2])]:
            raise Unavailable("made by the proof, after the save")
        return saved

    async def hear(self, batch: Sequence[Arrived]) -> None:
        for one in batch:
            if one.tries > 1:
                when, id = round(time.time(), 1), (one.raw.headers or {}).get("Nats-Msg-Id", "")
                self._plan.write(
                    sender=one.sender, order=str(one.order_id), n=one.n, tries=one.tries, id=id, when=when
                )
        await super().hear(batch)


def app() -> FastAPI:
    """The service that the environment speaks of, on a bus that fails."""
    setattr(shared.service, "Bus", FailingBus)  # noqa: B010 - a name of that module, not one that it offers
    service = ServiceSettings().mongo_user
    built: FastAPI = importlib.import_module(f"services.{service}.app").app()
    return built
