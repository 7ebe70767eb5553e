"""`dispatch.referral_answered` → the department answered; if it accepted, the figures count for it."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation, taken_in_hand
from shared.contracts.from_dispatch.referral_answered import ReferralAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_referral_answered(evaluation: Evaluation, heard: Heard[ReferralAnsweredV1]) -> Decision[Evaluation]:
    answered = taken_in_hand(evaluation, heard.at)
    return decided(answered.but(department=heard.data.department) if heard.data.accepted else answered)
