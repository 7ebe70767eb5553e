"""The file that fills the registry, and the service's settings."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.partners.domain.registry.partner import Partner, PartnerKind
from services.partners.settings import Settings
from shared.settings import EXAMPLE

ONE: dict[str, Any] = {
    "id": "01900000-0000-7000-8000-000000000001",
    "kind": "shop",
    "name": {"zh": "店", "en": "Shop"},
    "areas": ["370203"],
    "resources": [
        {"kind": "funds", "name": {"zh": "款", "en": "Money"}, "quantity": 1, "unit": "fen", "area": "370203"}
    ],
}


def read(folder: Path, *partners: dict[str, Any]) -> int:
    file = folder / "partners.json"
    file.write_text(json.dumps({"partners": partners}))
    return len(Settings(partners_partners=file).partners())


def test_the_demonstration_has_partners_of_every_kind() -> None:
    partners = {
        partner.id.int & 0xFFFF: partner
        for partner in Settings(partners_partners=EXAMPLE / "partners.json").partners()
    }
    assert len(partners) == 10
    assert {partner.kind for partner in partners.values()} == set(PartnerKind)
    assert str(partners[1].name) == "宏图建筑 / Hongtu Construction"
    assert {resource.kind for resource in partners[1].resources} == {"funds", "labour", "goods"}
    assert partners[2].areas == ("370203/370203015",)
    assert "rack" in str(partners[2].resources[0].name)


def test_a_file_of_our_own_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, ONE) == 1


@pytest.mark.parametrize(
    "wrong", [{"kind": "bank"}, {"areas": []}, {"areas": ["Shibei"]}, {"id": "one"}, {"phone": "13812345678"}]
)
def test_a_partner_that_makes_no_sense_stops_the_start(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^HEHUO_PARTNERS_PARTNERS=.*: {next(iter(wrong))}"):
        read(tmp_path, ONE | wrong)


def test_two_partners_of_one_id_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same id"):
        read(tmp_path, ONE, ONE)


def test_the_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEHUO_PARTNERS_CALL_DEFAULT", "PT5S")
    monkeypatch.setenv("HEHUO_PARTNERS_CLAIMS_MOST", "7")
    terms = Settings().terms()
    assert terms.call_default.total_seconds() == 5
    assert terms.claims_most == 7


def test_a_resource_is_there_on_some_days_and_has_an_id() -> None:
    one = {
        "kind": "goods",
        "name": {"zh": "架", "en": "Rack"},
        "quantity": 1,
        "unit": "piece",
        "area": "370203",
    }
    partner = Partner.model_validate(
        {**ONE, "resources": [one, {**one, "begins": "2026-03-01", "ends": "2026-03-02"}]}
    )
    assert [resource.id for resource in partner.resources] == ["r1", "r2"]
    always, some = partner.resources
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert [always.is_there_on(day) for day in days] == [True] * 4
    assert [some.is_there_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    "wrong",
    [{"begins": "2026-03-02", "ends": "2026-03-01"}, {"per": "week"}, {"id": "r2"}, {"codes": ["Rack"]}],
)
def test_a_resource_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    one = {
        "kind": "goods",
        "name": {"zh": "架", "en": "Rack"},
        "quantity": 1,
        "unit": "piece",
        "area": "370203",
    }
    with pytest.raises(ValidationError):
        Partner.model_validate({**ONE, "resources": [{**one, **wrong}, one]})
