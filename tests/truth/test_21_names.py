"""A name that does not exist is not accepted, and nobody takes the demonstration for a district."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.folder import Folder
from deploy.local.refusal import Refused
from deploy.local.system import PARTS, District, System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import is_problem, signed
from tests.e2e.test_partners import APPLICATION

pytestmark = pytest.mark.asyncio(loop_scope="session")

DISTRICT = {"role": "district", "sub": "d-21", "area": "370203"}
DISPATCH = "/api/dispatch/v1"


async def hehuo(*words: str, **environment: str) -> tuple[int, str]:
    """What the operator's command says, and its exit code."""
    command = (sys.executable, "-m", "deploy.ctl", *words)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **environment}, stdout=pipe, stderr=pipe
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), WITHIN)
    except TimeoutError:
        process.terminate()  # it came up, and was not to
        raise
    return process.returncode or 0, (out + errors).decode()


async def test_a_mistyped_setting_stops_the_start_and_names_the_nearest(tmp_path: Path) -> None:
    """`HEHUO_DISPACH_NOTICE` is no setting; nothing starts that would silently have the default instead.

    Before (d86edb6): it started and took three days, or whatever the default was.
    """
    folder = str(tmp_path / "data")
    code, said = await hehuo("up", "--data", folder, "--port", "0", HEHUO_DISPACH_NOTICE="P7D")
    assert (code, said.strip()) == (
        2, "hehuo: There is no setting HEHUO_DISPACH_NOTICE; is it HEHUO_DISPATCH_NOTICE?",
    )  # fmt: skip
    assert not _names(tmp_path), "nothing was begun"


WRONG = {
    "HEHUO_DISPATCH_TAKE_URGENT": ("true", "a duration is seconds"),
    "HEHUO_DISPATCH_CLOSE": ("null", "a duration is seconds"),
    "HEHUO_GATEWAY_REQUESTS": ("0", "a whole number from 1 to"),
    "HEHUO_GATEWAY_STREAMS": ("-1", "a whole number from 1 to"),
    "HEHUO_GATEWAY_RATE": ("abc", "a whole number from 1 to"),
    "HEHUO_DISK_MIN_MB": ("abc", "a whole number from 0 to"),
    "HEHUO_TIMEZONE": ("Factory", "there is no zone Factory"),
    "HEHUO_JURISDICTION": ("3702*", "pattern"),
    "HEHUO_DISPATCH_SLIVER": ("inf", "finite"),
    "HEHUO_CLOCK_SECONDS": ("1e-9", "greater than"),
    "HEHUO_DISPATCH_STAFF_ROLES": ('["grid_wroker"]', "there is no grid_worker"),
    "HEHUO_DISPATCH_SPECIAL_LIMITS": (
        '[{"limit": "answer", "category": "elevatr", "within": "2 workdays"}]',
        "is it elevator?",
    ),
    "HEHUO_INTAKE_CATEGORIES": ("deploy/demo/checklists.json", "there is no 'categories' in it"),
    "HEHUO_DISPATCH_CHECKLISTS": ("deploy/demo/chekclists.json", "No such file"),
    "HEHUO_ENV_FILE": ("deploy/demo/demo.env", "Only compose reads HEHUO_ENV_FILE"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_mistyped_value_stops_the_start_in_one_line_with_its_setting(
    tmp_path: Path, name: str
) -> None:
    """Before anything is begun, whoever would have read it: a service, the gateway, the command itself.

    Before (28d5448): `true` was one second and `null` the default; the gateway answered 503 or did not come up, with
    nothing said; Factory, `3702*` and `inf` were taken; a wrong file was a KeyError after half a minute.
    """
    value, why = WRONG[name]
    code, said = await hehuo("up", "--data", str(tmp_path / "data"), "--port", "0", **{name: value})
    assert code == 2, said
    assert said.startswith("hehuo: ")
    assert name in said
    assert why in said
    assert said.count("\n") == 1
    assert not _names(tmp_path), "nothing was begun"


async def test_a_service_that_is_started_alone_ends_with_the_same_line() -> None:
    """As in containers, where no command has looked before.

    Before (28d5448): a traceback, with `KeyError: 'categories'` as its last line.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", "services.intake.app:app", "--port", "0"),
        env={**os.environ, "HEHUO_INTAKE_CATEGORIES": "deploy/demo/checklists.json"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), WITHIN)
    assert process.returncode == 1
    assert said.decode() == (
        "refused: HEHUO_INTAKE_CATEGORIES=deploy/demo/checklists.json: there is no 'categories' in it\n"
    )


async def test_a_department_answers_in_no_bool_and_nobody_stands_above_their_area(
    system: System, plain: httpx.AsyncClient
) -> None:
    """Before (28d5448): 200 for both; `true` was one second."""
    headers = signed(system, **DISTRICT)
    body = {"name": {"zh": "路灯所"}, "answer_limit": True}
    is_problem(await plain.put(f"{DISPATCH}/departments/d_21", json=body, headers=headers), 422)
    person = {"name": "孙", "role": "street", "area": "370203/370203014/370203014002"}
    is_problem(await plain.put(f"{DISPATCH}/staff/s-21", json=person, headers=headers), 422)


async def test_a_district_has_nobody_who_is_made_up_and_is_told_what_is_the_examples(tmp_path: Path) -> None:
    """A real start: no partner is verified, notices last their days, and the example's files are named.

    Before (d86edb6): `hehuo up` and compose had three verified partners who do not exist, and notices of one second.
    """
    said: list[str] = []
    parts = [part for part in PARTS if part != "web"]
    async with District(tmp_path / "real", only=parts, say=said.append) as real:
        async with httpx.AsyncClient(base_url=real.gateway_url, trust_env=False, timeout=WITHIN) as plain:
            partners = await plain.get(
                "/api/partners/v1/partners", headers=signed(real, role="resident", sub="r")
            )
            assert partners.json() == {"items": [], "next": None}
        told = real.plan._environment("dispatch")
        assert "HEHUO_DISPATCH_NOTICE" not in told
    (example,) = [line for line in said if "still the example's" in line]
    for name in ("HEHUO_INTAKE_CATEGORIES", "HEHUO_DISPATCH_TERRITORY", "HEHUO_PARTNERS_HONOURS"):
        assert name in example
    with pytest.raises(Refused, match="is a district"):
        await System(tmp_path / "real", only=parts).start()


async def test_the_data_of_a_demonstration_are_not_those_of_a_district(
    system: System, tmp_path: Path
) -> None:
    """Whoever tried it out cannot go on with it by accident.

    Before (d86edb6): the same command did both.
    """
    folder = Folder(tmp_path / "demo")
    folder.prepare()
    folder.passwords()  # as it was before the kind was kept
    for data in (folder.root, system.folder.root):
        with pytest.raises(Refused, match=r"is a demonstration.*--demo"):
            Folder(data).is_of("district", "Start it with --demo, or name another folder with --data.")


ROUTE: dict[str, Any] = {"id": "r_21", "name": "错字"}
MISTYPED = {
    "a category in a rule": ("routing", {"rules": [{**ROUTE, "when": {"categories": ["sewage_pip"]}}]}, "sewage_pipe"),
    "a question in a rule": (
        "routing",
        {"rules": [{**ROUTE, "when": {"answers": {"where_it_run": "yard"}}}]},
        "where_it_runs",
    ),
    "a choice in a rule": (
        "routing",
        {"rules": [{**ROUTE, "when": {"answers": {"where_it_runs": "yrad"}}}]},
        "yard",
    ),
    "an area in a rule": (
        "routing", {"rules": [{**ROUTE, "when": {"area": "370203/370203099"}}]}, "370203/3702030",
    ),
    "a category in a remit": (
        "departments/d_21", {"name": {"zh": "路灯所"}, "remit": ["street_lihgt"]}, "street_light",
    ),
    "a role of the staff": (
        "staff/s-21", {"name": "孙", "role": "grid_wroker", "area": "370203/370203014"}, "grid_worker",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTYPED)
async def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
    system: System, plain: httpx.AsyncClient, what: str
) -> None:
    """Rules, remits and people name only what there is.

    Before (d86edb6): each was answered 200, and then decided nothing.
    """
    path, body, nearest = MISTYPED[what]
    answer = await plain.put(f"{DISPATCH}/{path}", json=body, headers=signed(system, **DISTRICT))
    problem = is_problem(answer, 409)
    assert problem["type"] == "/problems/no-such-name"
    assert any(one.startswith(nearest) for one in problem["nearest"])


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"then": {"unit": "patrol-99"}}, "unknown-person"),
        ({"then": {"lead": "sewag"}}, "unknown-department"),
    ],
)
async def test_a_rule_gives_work_to_nobody_who_is_not_there(
    system: System, plain: httpx.AsyncClient, rule: dict[str, Any], refused: str
) -> None:
    """Whom a rule names is in the register of people, or among the departments.

    Before (e41bcb1): 200; the order was said to be with patrol-99, and the lead that was shown was of no department.
    """
    body = {"rules": [{**ROUTE, **rule}]}
    answer = await plain.put(f"{DISPATCH}/routing", json=body, headers=signed(system, **DISTRICT))
    assert is_problem(answer, 409)["type"] == f"/problems/{refused}"


async def test_a_partner_is_willing_to_help_with_what_there_is(
    system: System, plain: httpx.AsyncClient
) -> None:
    """A category that does not exist would never be offered.

    Before (d86edb6): 201.
    """
    asked = {**APPLICATION, "categories": ["drying_rak"]}
    headers = signed(system, role="resident", sub="wang-21")
    answer = await plain.post("/api/partners/v1/partners", json=asked, headers=headers)
    problem = is_problem(answer, 409)
    assert (problem["type"], problem["nearest"][0]) == ("/problems/no-such-name", "drying_rack")


def _names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]
