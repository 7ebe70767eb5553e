"""What is noted of a claim is kept beside it, once, and no rule says it to anybody."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.claims.notes import MOST, noted
from services.partners.domain.works.working import ReportProgress
from shared.entry import Decision, unchanged
from tests.unit.partners.given import COMMUNITY, FIRST, LATER, held_by, open_to_partners, taking_all


def note(call: Call, text: str, decision: Decision[Call] | None = None) -> Call:
    claim_id = held_by(call, FIRST).claim_id
    command = ReportProgress(percent=1, epoch=1, note=text)
    return noted(call, decision or unchanged(call), claim_id, command, by=COMMUNITY, at=LATER).state


def test_another_note_is_added_and_the_same_is_not() -> None:
    call = taking_all(open_to_partners(), FIRST).state
    assert note(call, "") is call
    once = note(call, "the key is with 13812345678")
    assert [(one.claim_id, one.by, one.text) for one in once.notes] == [
        (held_by(call, FIRST).claim_id, COMMUNITY.id, "the key is with ***")
    ]
    assert note(once, "the key is with 13812345678") is once
    assert len(note(once, "it is back").notes) == 2


def test_what_happens_with_the_same_note_again_is_noted_again() -> None:
    call = taking_all(open_to_partners(), FIRST).state
    once = note(call, "as before")
    assert len(note(once, "as before", Decision(once.but(title="other"))).notes) == 2


def test_the_latest_notes_are_kept() -> None:
    call = taking_all(open_to_partners(), FIRST).state
    for n in range(MOST + 3):
        call = note(call, f"{n}")
    assert [one.text for one in call.notes] == [f"{n}" for n in range(3, MOST + 3)]
