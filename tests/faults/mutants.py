"""Faults are planted in a copy of the code, one after the other: each makes a test of seconds fail."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.faults.harness import Given, Verdict

_ROOT = Path(__file__).parents[2]
_CODE = ("services", "shared")  # where faults are planted
_TREE = (*_CODE, "deploy", "tests", "pyproject.toml")
_WITHIN = 300.0  # seconds for one run of tests
_NO_TEST_FAILED, _SOME_FAILED = 0, 1  # what pytest ends with


@dataclass(frozen=True, slots=True)
class Fault:
    """`was` stands once in one file of the code, wherever that is; `tests` must notice that it now is `then`."""

    what: str
    was: str
    then: str
    tests: str


_ANEW = (
    "from services.dispatch.domain.clocks.limits import Limit\n    from services.dispatch.domain.states import Clock\n"
    "    end = limits.end(Limit.CLOSE, at, urgency=given.urgency, category=given.category)\n"
)
_SIGNED = "    return decided(watched(given, at=at, limits=limits), DispatchAssignedV1"
_SAVED_WITH = (
    "        return await self.calls.save(entry, self.rule(entry.state, by), self.asked, guard=guard)"
)
_UNGUARDED = _SAVED_WITH.replace(", guard=guard", "")
_LATE = f"        guard = await self.holders.read(self.by.partner.id)\n{_SAVED_WITH}"
_CLAIM = "tests/integration/test_carrying.py -k two_claims"
_TAKEOVER = "tests/integration/test_carrying.py -k take_over"
_OPENING = "tests/unit/dispatch/place/test_opening.py"
_TIME = "tests/integration/shared/test_clocks.py -k anybody_can_ask"
_MOMENT = "tests/integration/shared/test_clocks.py -k very_moment"
_DURABLE = "tests/integration/shared/test_durability.py"

FAULTS = (
    Fault("the end counted anew from the signing", _SIGNED,
          f"    {_ANEW}    given = given.but(close_by=end)\n{_SIGNED}", _OPENING),
    Fault("the clock of the end set anew at the signing", _SIGNED,
          f"    {_ANEW}    given = given.with_clock(Clock.CLOSE_BY, end)\n{_SIGNED}", _OPENING),
    Fault("a remembered token good after its end", "min(caller.until, now + _TRUST_SECONDS)",
          "now + _TRUST_SECONDS", "tests/unit/shared/test_tokens.py"),
    Fault("a survey's note kept and shown as it was written", "found = Survey(note=mask(command.public_note)",
          "found = Survey(note=command.public_note", "tests/unit/partners/claims/test_words.py"),
    Fault("clocks two seconds early", "datetime.fromtimestamp(time.monotonic() + self._ahead, UTC)",
          "datetime.fromtimestamp(time.monotonic() + self._ahead + 2, UTC)", _TIME),
    Fault("a timer early", "if at > now or entry.state.due.get(name) != at:",
          "if at > now + timedelta(seconds=2) or entry.state.due.get(name) != at:", _MOMENT),
    Fault("w: 1 for entries", 'durable = self._collection(name, write_concern=WriteConcern(w="majority", '
          "j=True, wtimeout=10000))\n        quick", "durable = self._collection(name, write_concern=WriteConcern"
          "(w=1))\n        quick", _DURABLE),
    Fault("w: 1 for what is saved with a guard", '_DURABLE = WriteConcern(w="majority", j=True, wtimeout=10000)',
          "_DURABLE = WriteConcern(w=1)", _DURABLE),
    Fault("a claim without its guard", _SAVED_WITH, _UNGUARDED, _CLAIM),
    Fault("a claim's guard read after the counting", _SAVED_WITH, _LATE, _CLAIM),
    Fault("a takeover without its guard", _SAVED_WITH, _UNGUARDED, _TAKEOVER),
    Fault("a takeover's guard read after the counting", _SAVED_WITH, _LATE, _TAKEOVER),
)  # fmt: skip


async def prove(given: Given, verdict: Verdict) -> None:
    tree = given.folder / "tree"
    for name in _TREE:
        source, ignore = _ROOT / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignore)
        else:
            shutil.copy(source, tree)
    sound = await _run(tree, " ".join(dict.fromkeys(fault.tests.partition(" ")[0] for fault in FAULTS)))
    verdict.check(sound == _NO_TEST_FAILED, f"without any fault the tests end with {sound}")
    noticed = 0
    for fault in FAULTS:
        found = [file for part in _CODE for file in (tree / part).rglob("*.py") if fault.was in _text(file)]
        whole = sum(_text(file).count(fault.was) for file in found)
        if not verdict.check(whole == 1, f"{fault.what}: its place was found {whole} times; mend the table"):
            continue
        code = _text(found[0])
        found[0].write_text(code.replace(fault.was, fault.then), "utf-8")
        ended = await _run(tree, fault.tests)
        found[0].write_text(code, "utf-8")
        noticed += verdict.check(ended == _SOME_FAILED, f"{fault.what}: {fault.tests} ends with {ended}")
        given.say(f"{fault.what}: {'noticed' if ended == _SOME_FAILED else 'NOT noticed'} by {fault.tests}")
    verdict.figure(f"{noticed} of {len(FAULTS)} planted faults noticed")


def _text(file: Path) -> str:
    return file.read_text("utf-8")


async def _run(tree: Path, tests: str) -> int:
    """What pytest ends with. The copy comes first among what can be imported, for it is where this is run."""
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-cov",
        "-p",
        "no:cacheprovider",
        *tests.split(),
    )
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tree, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(_WITHIN):
            await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return process.returncode or 0
