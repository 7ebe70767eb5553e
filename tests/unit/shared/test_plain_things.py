"""Small pure things: states, entries, callers, cursors, traces, command texts, areas."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from deploy.local.knobs import every_settings
from services.dispatch.settings import Settings
from services.partners.settings import Settings as SettingsOfPartners
from shared.asked import Asked
from shared.caller import Caller, Role, above, lies_in, system
from shared.command import Code, Command, Line, Note, Prose
from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.contracts.message import copied
from shared.cursor import decode_cursor, encode_cursor
from shared.entry import Entry, Kept, State, decided, unchanged
from shared.problems import Malformed
from shared.settings import OTHERS, ROOT, ServiceSettings, names_of
from shared.store import under
from shared.telemetry import trace_from

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Lamp(State):
    lit: bool = False


# ---------------------------------------------------------------- states and decisions


class Room(Kept):
    name: str
    lamps: tuple[str, ...] = ()

    @property
    def light(self) -> int:
        return len(self.lamps)


class RoomOut(BaseModel):
    name: str
    lamps: list[str] = []
    light: int
    shown_to: str = "everybody"


def test_what_is_shown_of_a_thing_has_its_fields_of_the_same_names_unless_something_else_is_said() -> None:
    hall = Room(name="hall", lamps=("one", "two"))
    assert copied(RoomOut, hall) == RoomOut(name="hall", lamps=["one", "two"], light=2)
    told = copied(RoomOut, hall, lamps=[], shown_to="staff")
    assert told == RoomOut(name="hall", lamps=[], light=2, shown_to="staff")


def test_what_has_not_all_that_is_needed_cannot_be_shown() -> None:
    with pytest.raises(ValidationError):
        copied(RoomOut, object(), name="hall")


def test_a_message_of_a_thing_refuses_what_it_has_no_field_for() -> None:
    with pytest.raises(ValidationError):
        OrderWithdrawnV1.of(Room(name="hall"), reason="dark", colour="red")
    assert OrderWithdrawnV1.of(Room(name="hall"), reason="dark") == OrderWithdrawnV1(reason="dark")


def test_a_changed_state_is_a_new_one_and_the_old_one_stays() -> None:
    dark = Lamp()
    bright = dark.but(lit=True)
    assert (dark.lit, bright.lit) == (False, True)
    with pytest.raises(ValidationError):
        dark.lit = True  # type: ignore[misc]  # that is the point


def test_a_clock_is_set_moved_and_stopped_without_touching_others() -> None:
    one = Lamp().with_clock("whistle", NOON)
    two = one.with_clock("close", NOON + timedelta(days=1))
    moved = two.with_clock("whistle", NOON + timedelta(hours=1))
    assert one.due == {"whistle": NOON}
    assert moved.due == {"whistle": NOON + timedelta(hours=1), "close": NOON + timedelta(days=1)}
    assert moved.with_clock("whistle", None).due == {"close": NOON + timedelta(days=1)}
    assert Lamp().with_clock("whistle", None).due == {}


def test_states_do_not_share_their_clocks() -> None:
    Lamp().with_clock("whistle", NOON)
    assert Lamp().due == {}


def test_what_a_newer_version_stored_is_ignored_when_read() -> None:
    assert Lamp.model_validate({"lit": True, "colour": "red"}) == Lamp(lit=True)


def test_unchanged_is_the_very_same_state_without_events() -> None:
    lamp = Lamp()
    assert unchanged(lamp).state is lamp
    assert unchanged(lamp).events == ()
    said = OrderWithdrawnV1()
    assert decided(lamp, said, said).events == (said, said)


def test_an_entry_knows_how_much_it_has_said() -> None:
    assert Entry(uuid4(), Lamp()).said == 0
    assert Entry(uuid4(), Lamp(), 3, ("a.v1", "b.v1")).said == 2


def test_an_answer_says_whether_something_was_made() -> None:
    entry = Entry(uuid4(), Lamp(), 7)
    asked = Asked(Caller("r1", Role.RESIDENT), NOON, "", view=lambda *_: b"{}")
    made = Asked(Caller("r1", Role.RESIDENT), NOON, "", view=lambda *_: b"{}", creates=True)
    assert (asked.answer(entry).status, asked.answer(entry).etag) == (200, '"7"')
    assert made.answer(entry).status == 201


# ---------------------------------------------------------------- who may touch what


@pytest.mark.parametrize(
    ("mine", "area", "covered"),
    [
        ("370203", "370203", True),
        ("370203", "370203/1/2/03", True),
        ("370203/1", "370203/1", True),
        ("370203/1", "370203/1/2", True),
        ("370203/1", "370203/10", False),
        ("370203/1", "370203/10/2", False),
        ("370203/1", "370203", False),
        ("370203/1", "370204/1", False),
        ("370203/1", "", False),
        ("", "370203", False),
        (None, "370203", False),
        (None, "", False),
    ],
)
def test_an_area_covers_itself_and_what_lies_in_it(mine: str | None, area: str, covered: bool) -> None:
    assert Caller("w", Role.COMMUNITY, area=mine).covers(area) is covered


def test_an_area_lies_in_all_above_it_the_widest_first() -> None:
    assert above("370203/1/2") == ["370203", "370203/1", "370203/1/2"]
    assert all(lies_in("370203/1/2", one) for one in above("370203/1/2"))
    assert not lies_in("370203/10", "370203/1")


AREA = st.lists(st.from_regex(r"[0-9]{1,3}", fullmatch=True, alphabet="0123456789"), min_size=1, max_size=4)


@given(AREA, AREA)
def test_the_query_for_an_area_finds_what_a_caller_of_it_covers(mine: list[str], other: list[str]) -> None:
    """A range of the database and a prefix in Python must be one rule."""
    area, place = "/".join(mine), "/".join(other)
    range_ = under(area)
    found = range_["$gte"] <= place < range_["$lt"]
    assert found == Caller("w", Role.COMMUNITY, area=area).covers(place)


def test_time_and_messages_act_as_the_system() -> None:
    assert system("clock").by == ("system", "clock")
    assert not system("clock").covers("370203")


# ---------------------------------------------------------------- cursors


@given(st.uuids())
def test_a_cursor_leads_back_to_its_id(id: UUID) -> None:
    assert decode_cursor(encode_cursor(id)) == id
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", encode_cursor(id))


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "nonsense",
        "é" * 22,
        "A" * 21,
        "A" * 23,
        "A" * 10_000,
        "\x00",
        "$gt",
        base64.urlsafe_b64encode(b"x" * 15).decode(),
        base64.urlsafe_b64encode(b"x" * 17).decode(),
    ],
)
def test_a_foreign_cursor_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed):
        decode_cursor(cursor)


@given(st.text())
def test_no_cursor_breaks_anything(cursor: str) -> None:
    try:
        decode_cursor(cursor)
    except Malformed:
        return


# ---------------------------------------------------------------- traces


def test_a_valid_trace_is_gone_on_with_under_a_span_of_our_own() -> None:
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ours = trace_from(theirs)
    assert ours.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert ours.split("-")[2] != "b7ad6b7169203331"
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", ours)


@given(st.none() | st.text())
def test_any_other_trace_begins_anew(traceparent: str | None) -> None:
    made = trace_from(traceparent)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", made)
    assert made != trace_from(traceparent), "and is never the same twice: it marks a write"


# ---------------------------------------------------------------- what people write


def takes(kind: Any, text: str) -> str | None:
    try:
        return TypeAdapter[str](kind).validate_python(text)
    except ValidationError:
        return None


@pytest.mark.parametrize("kind", [Line, Prose, Note])
def test_text_in_any_script_is_taken_and_trimmed(kind: Any) -> None:
    text = "路灯坏了 · फ़ानूस · مصباح · 💡\tand\nmore"
    assert takes(kind, f"  {text}  ") == text


@pytest.mark.parametrize("kind", [Line, Prose, Note])
@pytest.mark.parametrize("char", ["\x00", "\x08", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_refused(kind: Any, char: str) -> None:
    assert takes(kind, f"a{char}b") is None


@pytest.mark.parametrize(("kind", "most"), [(Line, 200), (Prose, 4000), (Note, 500)])
def test_text_has_a_greatest_length(kind: Any, most: int) -> None:
    assert takes(kind, "灯" * most) == "灯" * most
    assert takes(kind, "灯" * (most + 1)) is None


@pytest.mark.parametrize("kind", [Line, Prose])
@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_text_that_must_be_there_is_not_blank(kind: Any, text: str) -> None:
    assert takes(kind, text) is None


@pytest.mark.parametrize("code", ["", "A", "1a", "a-b", "a" * 41, "a b", "é", "a\n"])
def test_a_code_is_a_short_plain_word(code: str) -> None:
    assert takes(Code, code) is None
    assert takes(Code, "street_light2") == "street_light2"


class Ask(Command):
    title: Line
    amount: float = 0.0


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "x", "titel": "y"}',
        b'{"title": {"$ne": null}}',
        b'{"title": ["x"]}',
        b'{"title": 5}',
        b'{"title": "x", "amount": NaN}',
        b'{"title": "x", "amount": Infinity}',
        b'{"title": "x", "amount": 1e999}',
        b"[]",
        b"null",
    ],
)
def test_a_body_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationError):
        Ask.model_validate_json(body)


# ---------------------------------------------------------------- settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEHUO_NAMESPACE", "t1")
    monkeypatch.setenv("HEHUO_TRIES", "3")
    settings = ServiceSettings()
    assert (settings.names.database("intake"), settings.tries) == ("t1_intake", 3)


@pytest.mark.parametrize(
    ("mistyped", "nearest"),
    [
        ("HEHUO_TRYES", "HEHUO_TRIES"),
        ("HEHUO_DISPACH_NOTICE", "HEHUO_DISPATCH_NOTICE"),
        ("HEHUO_DISPATCH_NOTISE", "HEHUO_DISPATCH_NOTICE"),
        ("HEHUO_GATEWAY_RAET", "HEHUO_GATEWAY_RATE"),
    ],
)
def test_a_name_that_nobody_reads_is_refused_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, mistyped: str, nearest: str
) -> None:
    monkeypatch.setenv(mistyped, "1")
    with pytest.raises(ValidationError, match=f"no setting {mistyped}; is it {nearest}"):
        Settings()


def test_each_service_looks_at_its_own_names_and_leaves_those_of_others_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEHUO_PARTNERS_HELD_MOTS", "1")
    monkeypatch.setenv("HEHUO_INTAKE_REPLICAS", "2")
    Settings()
    with pytest.raises(ValidationError, match="HEHUO_PARTNERS_HELD_MOST"):
        SettingsOfPartners()


def test_every_name_that_any_program_reads_is_known() -> None:
    """Of deploy: what it reads and does not say in `OTHERS` would be refused by the services beside it."""
    everything = OTHERS | {name for kind in every_settings() for name in names_of(kind)}
    for file in [*(ROOT / "deploy").rglob("*.py"), ROOT / "docker-compose.yml"]:
        for name in re.findall(r"\bHEHUO_[A-Z][A-Z_]*[A-Z]\b(?![<{*_])", file.read_text("utf-8")):
            assert name in everything or name == "HEHUO_MONGO", f"{file.name}: {name}"


def test_passwords_are_not_shown() -> None:
    settings = ServiceSettings.model_validate({"mongo_password": "secret-1", "nats_password": "secret-2"})
    assert "secret" not in repr(settings)
    assert "secret" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("BATCH", "0"),
        ("MONGO_POOL", "-1"),
        ("CLOCK_SECONDS", "0"),
        ("BODY_BYTES", "12"),
        ("TIMEZONE", "Asia/Shanghia"),
        ("LOG_LEVEL", "VERBOSE"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, knob: str, value: str
) -> None:
    monkeypatch.setenv(f"HEHUO_{knob}", value)
    with pytest.raises(ValidationError, match=knob.lower()):
        ServiceSettings()
