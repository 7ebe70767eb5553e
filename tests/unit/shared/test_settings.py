"""Every setting of every service: what is mistyped is refused, in one line that names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_settings import SettingsError

from deploy.local.knobs import check_names, check_values, every_settings
from deploy.local.refusal import Refused
from shared.calendar import Within, WithinOrNone
from shared.duration import Duration
from shared.settings import PREFIX, ServiceSettings, in_one_line, refusing

KINDS = {kind.service: kind for kind in every_settings()}
NO_DURATION = (
    "true",
    "false",
    "null",
    "",
    "-1",
    "nan",
    "inf",
    "1e3",
    "P30M",
    "\uff11",
    "\u0661",
    "1h",
    "[]",
    "PT\uff11H",
)
NO_NUMBER = ("true", "null", "", "nan", "inf", "-inf", "1e400", "\uff11", "9" * 30, "-1")


def of_type(*kinds: str) -> Iterator[tuple[str, str]]:
    for service, kind in KINDS.items():
        for name, field in kind.model_fields.items():
            if any(one in str(field.annotation) for one in kinds):
                yield service, name


DURATIONS = [*of_type("timedelta")]
NUMBERS = [*of_type("'int'", "'float'", str(Fraction))]
FILES = [*of_type("Path")]


def said(service: str, name: str, value: str) -> str:
    """Why it is refused."""
    with pytest.raises((ValueError, SettingsError)) as refused:
        KINDS[service].told({PREFIX + name.upper(): value}).read_files()
    return in_one_line(refused.value)


def is_one_line_of(line: str, name: str) -> bool:
    return line.startswith(PREFIX + name.upper()) and "\n" not in line


@pytest.mark.parametrize(("service", "name"), DURATIONS)
def test_no_duration_is_made_of_what_is_none(service: str, name: str) -> None:
    for value in NO_DURATION:
        assert is_one_line_of(said(service, name, value), name), value


@pytest.mark.parametrize(("service", "name"), NUMBERS)
def test_no_number_is_made_of_what_is_none_and_none_is_without_bounds(service: str, name: str) -> None:
    for value in NO_NUMBER:
        assert is_one_line_of(said(service, name, value), name), value


@pytest.mark.parametrize(("service", "name"), FILES)
def test_a_wrong_file_is_said_with_the_name_of_its_setting(service: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "torn.json").write_text("{")
    for file in ("empty.json", "list.json", "torn.json", "none.json", ""):
        if file == "empty.json" and name == "dispatch_calendar":
            continue  # nothing goes before the library
        line = said(service, name, str(tmp_path / file))
        assert is_one_line_of(line, name), line
        assert file in line


@pytest.mark.parametrize(
    "odd",
    [
        {"hours": [[9, 12]]},
        {"hours": [["09:00Z", "12:00Z"]]},
        {"hours": [[True, 12]]},
        {"years": [True]},
        {"years": ["2027"]},
        {"years": [27]},
        {"days": {"86400": "holiday"}},
    ],
)
def test_a_calendar_makes_no_time_of_a_number(odd: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "calendar.json").write_text(json.dumps(odd))
    for service in ("dispatch", "partners"):
        line = said(service, "dispatch_calendar", str(tmp_path / "calendar.json"))
        assert is_one_line_of(line, "dispatch_calendar"), line


def test_all_kinds_of_settings_are_looked_at() -> None:
    assert min(len(DURATIONS), len(NUMBERS), len(FILES)) > 8
    for kind in KINDS.values():
        kind.told({}).read_files()


@pytest.mark.parametrize("type_", [Duration, Within, WithinOrNone])
def test_a_body_makes_no_duration_of_a_bool(type_: Any) -> None:
    reads = TypeAdapter(type_)
    for odd in ("true", "false", "null", '"true"', "[1]", '"P1M"'):
        with pytest.raises(ValidationError):
            reads.validate_json(odd)
    for good in ("90", '"90"', '"1.5"', '"PT2H"', '"P1Y35DT1S"', '"P2W"'):
        reads.validate_json(good)


ODD = {
    "TIMEZONE": ("Factory", "posixrules", "localtime", "Etc/GMT-8", "GMT+8", "Asia/../UTC", "Asia/Shangai", ""),
    "JURISDICTION": ("", "3702*", ">", "3702.3", "37020", "370203 ", "37020\uff13"),
    "PUBLIC_URL": ("", "notaurl", "javascript:alert(1)", "http://", "http:// a"),
    "NATS_URL": ("", "http://x", "nats//x", "nats://"),
    "MONGO_URL": ("", "x", "mongodb://"),
    "ISSUER": ("", " "),
    "AUDIENCE": ("",),
    "NAMESPACE": ("a.b", ">", "*", "a b", "$"),
    "DISPATCH_STAFF_ROLES": ("[]", '["grid_wroker"]', "grid_worker", "null"),
    "DISPATCH_SPECIAL_LIMITS": (
        '[{"limit": "answer", "within": true}]',
        '[{"limit": "answer", "category": "elevatr", "within": "2 workdays"}]',
        "null",
    ),
}  # fmt: skip


@pytest.mark.parametrize("knob", ODD)
def test_no_word_is_taken_that_means_nothing(knob: str) -> None:
    for value in ODD[knob]:
        assert is_one_line_of(said("dispatch", knob, value), knob), value


def test_a_role_that_is_nearly_a_known_one_is_a_slip_and_a_districts_own_is_none() -> None:
    roles = ["grid_worker", "community", "street", "district"]
    assert "is it building_leader?" in said(
        "dispatch", "dispatch_staff_roles", json.dumps([*roles, "buildng_leader"])
    )
    KINDS["dispatch"].told({"HEHUO_DISPATCH_STAFF_ROLES": json.dumps([*roles, "lamp_warden"])})


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("PARTNERS_OFFER_STEPS", '[{"most": true, "metres": 5, "within": 60}]'),
        ("PARTNERS_OFFER_STEPS", '[{"most": 1, "metres": 5, "within": true}]'),
        ("PARTNERS_OFFER_STEPS", "null"),
        ("PARTNERS_WEIGHTS", '{"near": true}'),
        ("PARTNERS_WEIGHTS", '{"near": NaN}'),
        ("PARTNERS_WEIGHTS", "{}"),
    ],
)
def test_within_a_list_it_is_the_same(knob: str, value: str) -> None:
    assert is_one_line_of(said("partners", knob, value), knob)


def test_what_is_secret_is_not_repeated() -> None:
    assert "secret" not in said("intake", "mongo_url", "mongo://me:secret@x")


def test_a_process_and_the_command_end_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"^HEHUO_TRIES='no': .*\.$"):
        check_values({"HEHUO_TRIES": "no"})
    monkeypatch.setenv("HEHUO_TRIES", "no")
    with pytest.raises(SystemExit, match=r"^refused: HEHUO_TRIES='no': "), refusing():
        ServiceSettings()


def test_what_compose_alone_reads_is_not_silently_without_effect() -> None:
    with pytest.raises(Refused, match="Only compose reads HEHUO_ENV_FILE, HEHUO_INTAKE_REPLICAS; "):
        check_names({"HEHUO_ENV_FILE": "x.env", "HEHUO_INTAKE_REPLICAS": "2"})
