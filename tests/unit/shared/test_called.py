"""Both languages as one text, and apart again."""

from __future__ import annotations

import pytest

from shared.contracts.called import apart, called, together


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("宏图建筑", "Hongtu Construction"),
        ("宏图建筑", None),
        ("宏图建筑", ""),
        ("甲/乙", "A/B"),
        ("甲", "A / B"),
        ("", None),
    ],
)
def test_what_was_put_together_comes_apart(zh: str, en: str | None) -> None:
    assert apart(together(zh, en)) == called(zh, en)


def test_a_name_without_english_has_no_field_for_it() -> None:
    assert called("宏图建筑") == {"zh": "宏图建筑"}
