"""Nobody is forgotten, and no figure lies: every story that once went wrong for somebody, played through the gateway.

The stories are `tests/truth/test_<line>_<subject>.py`; each says in its docstring what was seen before it was mended,
and on which commit (`Before (<commit>): …`).
"""

from __future__ import annotations

import ast
import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.harness import Given, Verdict

STORIES = Path(__file__).parent.parent / "truth"
_LINE = re.compile(r"test_(\d+)_\w+\.py")
_BEFORE = re.compile(r"^\s*Before \([0-9a-f]{7,}\): \S", re.MULTILINE)
_NO_TEST_FAILED, _SOME_FAILED = 0, 1  # what pytest ends with


async def prove(given: Given, verdict: Verdict) -> None:
    lines = {
        file: int(found[1]) for file in STORIES.glob("test_*.py") if (found := _LINE.fullmatch(file.name))
    }
    for file in lines:
        verdict.blame(_unseen(file))
    report = given.folder / "stories.xml"
    ended = await _played(report)
    verdict.check(ended in (_NO_TEST_FAILED, _SOME_FAILED), f"pytest ended with {ended}")
    stories = 0
    for case in ElementTree.parse(report).iter("testcase"):
        stories += 1
        wrong = [
            child.get("message") or child.tag
            for child in case
            if child.tag in ("failure", "error", "skipped")
        ]
        verdict.check(not wrong, f"{case.get('classname')}.{case.get('name')}: {'; '.join(wrong)}")
    verdict.figure(f"{len(set(lines.values()))} lines")
    verdict.figure(f"{stories} stories")


def _unseen(file: Path) -> list[str]:
    """Stories of a file that do not say how they were seen to fail."""
    tests = (
        node for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.AsyncFunctionDef)
    )
    return [
        f"{file.name}: {test.name} does not say what was seen before"
        for test in tests
        if test.name.startswith("test_") and not _BEFORE.search(ast.get_docstring(test) or "")
    ]


async def _played(report: Path) -> int:
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-cov",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
    )
    process = await asyncio.create_subprocess_exec(
        *command, str(STORIES), cwd=STORIES.parent.parent, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # as Ctrl-C: it clears its servers away
            await process.wait()
    if process.returncode:
        print(said.decode(errors="replace")[-4000:])
    return process.returncode or 0
