"""What ids are called, beside the answers that show them."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from services.dispatch.api import router
from services.dispatch.books import Books
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.register import Register
from services.dispatch.domain.ground.staff import Person
from services.dispatch.domain.part import with_officer
from services.dispatch.domain.words import Name
from services.dispatch.queries.names import Naming, WithNames
from services.dispatch.queries.rows import page_json
from services.dispatch.queries.told import happened_for
from services.dispatch.queries.views import DispatchOut, HistoryOut
from services.dispatch.settings import Settings
from shared.contracts.called import apart
from shared.entry import Entry
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, COMMUNITY, NOW, ORDER, SEWAGE

WORKER = Person(id="grid-worker-06", name="孙网格员", role="grid_worker", area=AREA)
OFFICE = {"zh": "排水管理处", "en": "Sewage Management Office"}


@pytest.fixture
def books() -> Books:
    books = Books(Settings().first_ground())
    books.now = books.now._replace(register=Register([WORKER]))
    return books


def test_areas_departments_and_people_are_named_and_nothing_else(books: Books) -> None:
    found = Naming(books).by_id([AREA, "sewage", WORKER.id, "urgent", "370203/9", None, 7, AREA])
    assert found == {
        AREA: {
            "zh": "伊春路社区第六网格（哈尔滨路一带）",
            "en": "Sixth grid of Yichun Road Community (around Harbin Road)",
        },
        "sewage": OFFICE,
        WORKER.id: {"zh": "孙网格员"},
    }


def test_a_department_that_was_deleted_keeps_its_name(books: Books) -> None:
    former = Department(id="old", name=Name(zh="旧处"), deleted=True)
    books.now = books.now._replace(former=(former,))
    assert Naming(books).by_id(["old"]) == {"old": {"zh": "旧处"}}
    assert orjson.loads(Naming(books).of_everything()[0])["departments"]["old"] == {"zh": "旧处"}


@pytest.mark.parametrize("situation", situations())
def test_a_record_has_the_names_of_all_that_stands_in_it(situation: str, books: Books) -> None:
    it = situations()[situation]
    for caller in (COMMUNITY, SEWAGE):
        shown = Naming(books).beside(DispatchOut.of(Entry(ORDER, it), caller))
        assert shown.names.keys() >= {it.area, *it.departments} & {
            AREA,
            *(d.id for d in books.now.departments),
        }
        written = orjson.loads(shown.model_dump_json(exclude={"names"}))
        assert shown.names.keys() <= set(_texts(written))


def test_partners_and_officers_of_an_order_are_named_also_when_it_was_opened_again(books: Books) -> None:
    """A partner by its name, in one language to a field; an officer by what the department is called."""
    claimed = situations()["claimed"]
    assert claimed.call is not None
    [partner] = {str(one.partner): one.name for one in claimed.call.claims}.items()
    it = with_officer(situations()["in_handling, reopened after work"], SEWAGE)
    assert it.call is not None
    assert (it.call.claims, it.done_by) == ((), ())
    by = {"role": "department", "id": SEWAGE.id}
    event = {"n": 1, "type": "work_checked.v1", "at": NOW, "by": by, "data": {"done_by": [partner[0]]}}
    history = HistoryOut(items=[happened_for(event, COMMUNITY)])
    assert Naming(books).beside(history, it).names == {partner[0]: apart(partner[1]), SEWAGE.id: OFFICE}
    assert Naming(books).beside(HistoryOut(items=[]), it).names == {}, "nobody who is not shown"


def _texts(shown: object) -> list[str]:
    if isinstance(shown, str):
        return [shown]
    parts = shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else ()
    return [text for part in parts for text in _texts(part)]


def test_a_page_has_its_names_once(books: Books) -> None:
    state = situations()["assigned"].but(assigned_to=WORKER.id).model_dump()
    row = {"_id": ORDER, "version": 1, "state": state, "find": {}}
    page = orjson.loads(page_json([row, row], "next", COMMUNITY, Naming(books)))
    assert page["names"][WORKER.id] == {"zh": "孙网格员"}
    assert AREA in page["names"]
    assert not any("names" in item for item in page["items"])


def test_public_names_hold_levels_and_offices_and_change_their_mark_with_them(books: Books) -> None:
    public = Naming(books)
    body, etag = public.of_everything()
    found = orjson.loads(body)
    kinds = {area.kind for code, area in books.now.territory.areas.items() if code in found["areas"]}
    assert kinds == {"district", "street", "community", "grid"}
    assert found["departments"]["sewage"] == OFFICE
    assert "孙网格员" not in body.decode()
    assert public.of_everything() == Naming(books).of_everything() == (body, etag)
    sewage = books.now.departments[0].model_copy(update={"name": Name(zh="新名")})
    departments = (sewage, *books.now.departments[1:])
    books.now = books.now._replace(departments=departments, departments_version=9)
    assert public.of_everything()[1] != etag


IDS = {
    "answers_for",
    "area",
    "assigned_to",
    "by",
    "code",
    "department",
    "handled_by",
    "lead",
    "units",
    "unit",
}


def _fields(kind: Any) -> set[str]:
    """Of an answer, and of all parts of it."""
    found: set[str] = set()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            found |= {name} | _fields(field.annotation)
    for part in get_args(kind):
        found |= _fields(part)
    return found


def test_whatever_answers_with_ids_has_names_beside_them() -> None:
    answers = {route.response_model for route in router.routes if isinstance(route, APIRoute)}
    showing = {one for one in answers if _fields(one) & IDS}
    assert len(showing) > 9
    assert {one.__name__ for one in showing if not issubclass(one, WithNames)} == {
        "ChecklistsOut"  # `unit`: what is measured in
    }
