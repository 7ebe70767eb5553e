"""The house rules hold in this project, and each of them was seen to fail: a rule that cannot fail keeps nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.house_rules import (
    RULES,
    Rule,
    business_nouns_in_shared,
    commands_that_decide_nothing,
    impure_domain,
    long_files,
    long_functions,
    loose_locks,
    misnamed_use_cases,
    publishing_elsewhere,
    sleeping_tests,
    undeclared_imports,
    unnamed_rooms,
)

PROJECT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent

DECLARED = """
[project]
dependencies = ["pydantic>=2"]
[project.optional-dependencies]
local = []
[dependency-groups]
dev = ["pytest>=8"]
"""
HASH = " \\\n    --hash=sha256:" + "0" * 64 + "\n"
LOADS_AND_SAVES = """
async def withdraw_order(order_id, command, orders, asked):
    '''Whoever ordered does not want it any more.'''
    entry = await orders.load(order_id, asked)
    decision = withdraw(entry.state, command, by=asked.caller)
    return await orders.save(entry, decision, asked)
"""
CLOCKS = "services/dispatch/domain/clocks/__init__.py"
LOCKED = f"pydantic==2.9{HASH}"

# Each rule: the smallest file that breaks it, and one beside it that looks alike but is fine.
SAMPLES: list[tuple[Rule, dict[str, str], dict[str, str]]] = [
    (
        long_files,
        {"shared/entry.py": "x = 1\n" * 401},
        {
            "shared/entry.py": "x = 1\n" * 400,
            "shared/all.py": "# house(long-file): one table, made by hand\n" * 401,
        },
    ),
    (
        long_functions,
        {"shared/entry.py": "async def f() -> None:\n" + "    x = 1\n" * 70},
        {"shared/entry.py": "async def f() -> None:\n" + "    x = 1\n" * 69},
    ),
    (
        publishing_elsewhere,
        {"services/intake/api.py": "async def f(b: B) -> None:\n    await b.publish('x')\n"},
        {"shared/relay.py": "async def f(b: B) -> None:\n    await b.publish('x')\n"},
    ),
    (
        publishing_elsewhere,
        {"shared/bus.py": "tell = connection.jetstream().publish_async\n"},
        {"tests/test_bus.py": "tell = b.publish_async\n", "shared/bus.py": "when = call.published_at\n"},
    ),
    (
        impure_domain,
        {"services/intake/domain/order.py": "from shared.store import Entries\n"},
        {
            "services/intake/domain/order.py": "from shared.entry import Entry\nfrom services.intake.domain import x\n"
        },
    ),
    (
        impure_domain,
        {"services/intake/domain/order.py": "from services.dispatch.domain.whistle import blow\n"},
        {"services/intake/commands/place.py": "from shared.store import Entries\n"},
    ),
    (
        impure_domain,
        {"services/intake/domain/order.py": "import logging\n"},
        {
            "services/intake/domain/order.py": "import re\nfrom datetime import datetime\nfrom uuid import UUID\n"
        },
    ),
    (
        impure_domain,
        {"services/intake/domain.py": "from datetime import UTC, datetime\nstart = datetime.now(UTC)\n"},
        {"services/intake/domain.py": "def f(order: Order) -> str:\n    return order.now()\n"},
    ),
    (
        undeclared_imports,
        {"shared/http.py": "import requests\n", "pyproject.toml": DECLARED},
        {"shared/http.py": "import json\nfrom pydantic import BaseModel\n", "pyproject.toml": DECLARED},
    ),
    (
        undeclared_imports,
        {"shared/http.py": "import pytest\n", "pyproject.toml": DECLARED},
        {"tests/unit/test_http.py": "import pytest\n", "pyproject.toml": DECLARED},
    ),
    (
        business_nouns_in_shared,
        {"shared/store.py": "class PledgeStore: ...\n"},
        {
            "shared/contracts/from_partners/claim_made.py": "class PledgedLine: ...\n",
            "shared/caller.py": "partner = 1\n",
        },
    ),
    (
        business_nouns_in_shared,
        {"shared/store.py": "def load(dispatches: int) -> None: ...\n"},
        {
            "shared/store.py": "def load(order_id: int, border: int) -> None:\n    '''In order of the claims.'''\n"
        },
    ),
    (
        misnamed_use_cases,
        {
            "services/intake/commands/place_order.py": "def place_order() -> None: ...\ndef also() -> None: ...\n"
        },
        {
            "services/intake/commands/place_order.py": "def place_order() -> None: ...\ndef _also() -> None: ...\n"
        },
    ),
    (
        misnamed_use_cases,
        {"services/intake/commands/place_order.py": "def place() -> None: ...\n"},
        {"services/intake/domain/order.py": "def place() -> None: ...\n"},
    ),
    (
        commands_that_decide_nothing,
        {"services/intake/commands/withdraw_order.py": LOADS_AND_SAVES},
        {
            "services/intake/commands/close_order.py": LOADS_AND_SAVES.replace(
                "    decision", "    original = await orders.peek(command.duplicate_of)\n    decision"
            ),
            "services/intake/commands/give_verdict.py": (
                "async def give_verdict(id, calls, asked):\n"
                "    async with calls.turn(id):\n"
                "        entry = await calls.load(id, asked)\n"
                "        return await calls.save(entry, rule(entry.state), asked)\n"
            ),
            "services/intake/domain/order.py": LOADS_AND_SAVES,
        },
    ),
    (
        commands_that_decide_nothing,
        {
            "services/intake/commands/withdraw_order.py": (
                "async def withdraw_order(id, orders, asked):\n"
                "    return await store.decide(orders, id, asked, lambda order: withdraw(order, by=asked.caller))\n"
            )
        },
        {
            "services/intake/commands/withdraw_orders.py": (
                "async def withdraw_orders(ids, orders, asked):\n"
                "    return [await decide(orders, id, asked, withdraw) for id in ids]\n"
            )
        },
    ),
    (
        unnamed_rooms,
        {
            "services/dispatch/domain/__init__.py": "",
            CLOCKS: '"""When time stands still: `pauses`."""\n',
            "services/dispatch/domain/clocks/pause.py": "",
        },
        {
            "services/dispatch/domain/__init__.py": '"""The `record` of a subject is its part of the state."""\n',
            "services/dispatch/domain/duty.py": "",
            CLOCKS: '"""When time stands still: `pause`."""\n',
            "services/dispatch/domain/clocks/pause.py": "",
            "services/dispatch/domain/clocks/record.py": "",
            "ARCHITECTURE.md": CLOCKS,
        },
    ),
    (unnamed_rooms, {CLOCKS: "", "ARCHITECTURE.md": "services/dispatch/domain/"}, {}),
    *[
        (
            unnamed_rooms,
            {
                "services/dispatch/domain/__init__.py": "",
                CLOCKS: "",
                f"{place}/time/__init__.py": "",
                "ARCHITECTURE.md": CLOCKS,
            },
            {
                "services/dispatch/domain/__init__.py": "",
                CLOCKS: "",
                f"{place}/clocks/__init__.py": "",
                "tests/unit/shared/clocks/__init__.py": "",
                "ARCHITECTURE.md": CLOCKS,
            },
        )
        for place in ("services/dispatch/api", "services/dispatch/queries", "tests/unit/dispatch")
    ],
    (
        sleeping_tests,
        {"tests/unit/test_x.py": "async def test_x() -> None:\n    await asyncio.sleep(1)\n"},
        {
            "tests/unit/test_x.py": "async def f() -> None:\n    await sleep(1)  # house(sleep): the pause of a poll\n"
        },
    ),
    (
        sleeping_tests,
        {
            "tests/unit/test_x.py": "from time import sleep\nsleep(1)  # house(noun): a reason for something else\n"
        },
        {"shared/clock.py": "from time import sleep\nsleep(1)\n"},
    ),
    (
        loose_locks,
        {"pyproject.toml": DECLARED, "requirements/run.txt": LOCKED, "requirements/dev.txt": LOCKED},
        {
            "pyproject.toml": DECLARED,
            "requirements/run.txt": LOCKED,
            "requirements/dev.txt": f"{LOCKED}pytest==9.1 ; python_version > '3.1'{HASH}    # via x\n",
        },
    ),
    *[
        (
            loose_locks,
            {
                "pyproject.toml": DECLARED,
                "requirements/run.txt": bad,
                "requirements/dev.txt": f"{LOCKED}pytest==9{HASH}",
            },
            {},
        )
        for bad in (
            f"--index-url https://example.org/simple\n{LOCKED}",
            f"pydantic==1.9{HASH}",
            f"{LOCKED}other==1\n",
        )
    ],
]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps(rule: Rule) -> None:
    assert list(rule(PROJECT)) == []


@pytest.mark.parametrize(
    ("rule", "bad", "good"), SAMPLES, ids=[f"{rule.__name__}-{n}" for n, (rule, _, _) in enumerate(SAMPLES)]
)
def test_a_rule_sees_what_breaks_it(
    rule: Rule, bad: dict[str, str], good: dict[str, str], tmp_path: Path
) -> None:
    assert list(rule(write(tmp_path / "bad", bad))) != []
    assert not good or list(rule(write(tmp_path / "good", good))) == []


def test_every_rule_was_seen_to_fail() -> None:
    assert {rule for rule, _, _ in SAMPLES} == set(RULES)


def test_the_relay_is_where_the_publishing_is_seen(tmp_path: Path) -> None:
    """Were the relay rewritten with words the rule does not know, the rule would keep nothing."""
    relay = (PROJECT / "shared/relay.py").read_text(encoding="utf-8")
    assert list(publishing_elsewhere(write(tmp_path, {"shared/bus.py": relay}))) != []


# ── what ruff is asked to see ──────────────────────────────────────────────────────────────────────────────────────

RUFF = {
    "T201": ("services/intake/api.py", "print('hello')\n"),
    "DTZ005": ("shared/clock.py", "from datetime import datetime\n\nnow = datetime.now()\n"),
    "BLE001": ("shared/bus.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
    "TID252": ("services/intake/api.py", "from . import queries\n"),
    "ASYNC251": ("shared/bus.py", "import time\n\n\nasync def f() -> None:\n    time.sleep(1)\n"),
    "D100": ("shared/bus.py", "x = 1\n"),
}


@pytest.mark.parametrize("code", RUFF)
def test_ruff_sees(code: str) -> None:
    path, text = RUFF[code]
    seen = _ruff(path, text)
    assert code in seen, seen


def test_the_operators_command_may_print() -> None:
    assert "T201" not in _ruff("deploy/ctl/status.py", '"""Says."""\n\nprint(1)\n')


def _ruff(path: str, text: str) -> set[str]:
    command = [
        PROGRAMS / "ruff",
        "check",
        "--no-cache",
        "--output-format=json",
        f"--stdin-filename={path}",
        "-",
    ]
    done = subprocess.run(
        list(map(str, command)), input=text, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return {one["code"] for one in json.loads(done.stdout)}
