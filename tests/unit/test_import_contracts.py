"""The import contracts of pyproject.toml hold in this project, and each of them was seen to fail."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.test_house_rules import PROGRAMS, PROJECT, write

SERVICES = ("intake", "dispatch", "partners", "evaluation")
LAYERS = ("app", "api", "bus", "clock", "queries", "store", "settings", "domain")
SHARED = ("store", "bus", "relay", "http", "clock", "contracts/message")

# Each contract of pyproject.toml, by id: a file that breaks it.
BREAKS = {
    "services-apart": ("services/partners/api.py", "from services.intake.queries import one"),
    "layers": ("services/intake/domain.py", "import services.intake.store"),
    "shared-below": ("shared/clock.py", "from services.intake import domain"),
    "services-below": ("services/intake/app.py", "import deploy"),
    "driver": ("services/evaluation/store.py", "from bson import ObjectId"),
    "pure-contracts": ("shared/contracts/message.py", "import fastapi"),
}


def _small_project(root: Path, extra: dict[str, str]) -> Path:
    config = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    files = {
        "pyproject.toml": config[config.index("[tool.importlinter]") :],
        **{f"{package}/__init__.py": "" for package in ("services", "shared", "shared/contracts", "deploy")},
        **{f"services/{service}/__init__.py": "" for service in SERVICES},
        **{f"services/{service}/{layer}.py": "" for service in SERVICES for layer in LAYERS},
        **{f"shared/{module}.py": "" for module in SHARED},
        "shared/store.py": "import motor\nfrom pymongo import UpdateOne\n",
        "services/intake/store.py": "import shared.store\nfrom services.intake import domain\n",
    }
    return write(root, files | extra)


def _broken_contracts(root: Path) -> tuple[set[str], str]:
    """The names of the contracts that do not hold in a tree, and all that was said."""
    done = subprocess.run(
        [PROGRAMS / "lint-imports", "--no-logo", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    named = re.findall(r"^(.*\S) BROKEN", done.stdout, re.MULTILINE)
    assert (done.returncode != 0) == bool(named), done.stdout + done.stderr
    return set(named), done.stdout


def _contract_names() -> dict[str, str]:
    config = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    return dict(re.findall(r'^id = "([a-z-]+)"\nname = "(.+)"$', config, re.MULTILINE))


def test_the_import_contracts_hold_where_nothing_is_wrong(tmp_path: Path) -> None:
    broken, said = _broken_contracts(_small_project(tmp_path, {}))
    assert broken == set(), said


def test_the_import_contracts_hold_here() -> None:
    broken, said = _broken_contracts(PROJECT)
    assert broken == set(), said


@pytest.mark.parametrize("contract", _contract_names())
def test_an_import_contract_sees_what_breaks_it(contract: str, tmp_path: Path) -> None:
    path, line = BREAKS[contract]
    broken, said = _broken_contracts(_small_project(tmp_path, {path: line}))
    assert broken == {_contract_names()[contract]}
    assert f"{path.removesuffix('.py').replace('/', '.')} -> " in said


def test_a_service_may_have_commands_and_they_are_a_layer(tmp_path: Path) -> None:
    fine = {"services/intake/commands.py": "from services.intake import store"}
    broken, said = _broken_contracts(_small_project(tmp_path / "fine", fine))
    assert broken == set(), said
    wrong = {"services/intake/commands.py": "from services.intake import queries"}
    broken, said = _broken_contracts(_small_project(tmp_path / "wrong", wrong))
    assert broken == {_contract_names()["layers"]}
    assert "services.intake.commands -> services.intake.queries" in said


def test_a_module_that_is_in_no_layer_breaks_the_layers(tmp_path: Path) -> None:
    broken, said = _broken_contracts(_small_project(tmp_path, {"services/dispatch/gossip.py": ""}))
    assert broken == {_contract_names()["layers"]}
    assert "gossip" in said
