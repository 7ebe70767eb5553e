"""Rules, remits, lists and limits name only what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.dispatch.domain.ground.known import Known
from services.dispatch.domain.ground.routing import Rule
from services.dispatch.settings import Settings
from shared.problems import NoSuchName
from shared.settings import EXAMPLE

GROUND = Settings().first_ground()


def rule(**when: Any) -> Rule:
    return Rule.model_validate({"id": "r", "name": "r", "when": when})


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"categories": ["sewage_pipe"], "area": "370203", "answers": {"overflows": "yes"}},
        {"answers": {"people_inside": "yes"}},
    ],
)
def test_a_rule_of_what_there_is_is_good(when: dict[str, Any]) -> None:
    GROUND.known.must_know_rule(rule(**when), GROUND.territory)


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ({"categories": ["sewage_pip"]}, "category"),
        ({"area": "370203/9"}, "area"),
        ({"answers": {"overflow": "yes"}}, "question"),
        ({"categories": ["elevator"], "answers": {"overflows": "yes"}}, "question"),
        ({"answers": {"device_number": "b12"}}, "question"),  # written freely: no rule ever reads it
        ({"answers": {"overflows": "yse"}}, "choice"),
    ],
)
def test_a_rule_that_could_never_decide_by_what_it_names_is_refused(when: dict[str, Any], what: str) -> None:
    with pytest.raises(NoSuchName) as refused:
        GROUND.known.must_know_rule(rule(**when), GROUND.territory)
    assert refused.value.now["what"] == what


def test_what_is_kept_and_no_longer_there_is_said_and_stops_nothing() -> None:
    less = Known({"elevator": GROUND.known.categories["elevator"]})
    said = list(less.unknown((rule(categories=["noise"]), rule()), GROUND.departments, GROUND.territory))
    assert [one.split(":")[0] for one in said] == [
        "rule r",
        "department sewage",
        "department urban_management",
    ]


@pytest.mark.parametrize(
    ("special", "name"),
    [({"category": "elevatr"}, "elevator"), ({"urgency": "urgnt"}, "urgent"), ({}, "")],
)
def test_a_limit_of_what_does_not_exist_stops_the_start(special: dict[str, str], name: str) -> None:
    settings = Settings.model_validate(
        {"dispatch_special_limits": [{"limit": "answer", "within": "2 workdays", **special}]}
    )
    if not name:
        assert settings.limits().special
        return
    with pytest.raises(ValueError, match=f"is it {name}"):
        settings.limits()


def test_a_file_that_names_what_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    lists = tmp_path / "checklists.json"
    lists.write_text(json.dumps({"checklists": {"sewage_pip": []}}))
    with pytest.raises(ValueError, match="is it sewage_pipe"):
        Settings(dispatch_checklists=lists).limits()
    for file in (EXAMPLE / "territory").iterdir():
        if file.suffix in (".json", ".geojson"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    for department in (
        {"id": "x", "name": {"zh": "x"}, "remit": ["nois"]},
        {"id": "x", "name": {"zh": "x"}, "remti": []},
    ):
        (tmp_path / "departments.json").write_text(json.dumps({"departments": [department]}))
        with pytest.raises(ValueError, match=r"is it noise|remti"):
            Settings(dispatch_territory=tmp_path).first_ground()
