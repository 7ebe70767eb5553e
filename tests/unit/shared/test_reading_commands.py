"""What every body of a request may hold, and how it is read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.command import Code, Line, Note, Prose, Remark

PROSE: TypeAdapter[str] = TypeAdapter(Prose)
KINDS: tuple[Any, ...] = (Line, Prose, Note)


@pytest.mark.parametrize("broken", ["一\r\n二", "一\r二", "一\n二"])
def test_line_breaks_of_every_system_are_taken_as_one(broken: str) -> None:
    assert PROSE.validate_python(broken) == "一\n二"


@pytest.mark.parametrize("kind", KINDS, ids=["line", "prose", "note"])
@pytest.mark.parametrize("unseen", ["\u200b", "\u3164 \u2800", "\ufeff\u200d\ufe0f", "\U000e0041\u2060"])
def test_a_text_that_nobody_can_see_is_refused(kind: Any, unseen: str) -> None:
    with pytest.raises(ValidationError, match="nothing of this text can be seen"):
        TypeAdapter(kind).validate_python(unseen)


@pytest.mark.parametrize("mark", ["\u202e", "\u202d", "\u202a", "\u2066", "\u2069"])
def test_marks_that_turn_the_direction_of_a_text_are_refused_with_a_word_about_them(mark: str) -> None:
    with pytest.raises(ValidationError, match=r"turns the text's direction U\+20.. is not allowed"):
        PROSE.validate_python(f"电话{mark}123")


@pytest.mark.parametrize(
    "text", ["👨\u200d👩\u200d👧 家庭", "ضوء الشارع\u200f", "क्\u200dष", "❤️", "a\tb", "1️⃣"]
)
def test_what_scripts_and_signs_need_is_taken_as_it_is(text: str) -> None:
    assert PROSE.validate_python(text) == text


def test_a_note_may_be_empty() -> None:
    assert TypeAdapter(Note).validate_python("") == ""


def test_a_remark_is_masked_and_a_code_with_a_number_is_refused() -> None:
    assert TypeAdapter(Remark).validate_python("电话13812345678") == "电话***"
    with pytest.raises(ValidationError, match="do not belong here"):
        TypeAdapter(Code).validate_python("call_13812345678")
