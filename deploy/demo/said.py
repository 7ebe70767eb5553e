"""What each request makes its list say, for whoever checks that an acknowledged one is there exactly once."""

from __future__ import annotations

from collections.abc import Mapping

# What an acknowledged request must have left in the history, once. Of a unit's own delivery nothing is told.
SAID: Mapping[str, tuple[str, ...]] = {
    "orders": ("order_placed.v2",),
    "orders/withdrawal": ("order_withdrawn.v1",),
    "orders/reopening": ("order_reopened.v1",),
    "orders/amendment": ("order_amended.v1", "order_retitled.v1"),  # what is corrected, or only its title
    "dispatches/assignment": ("dispatch_assigned.v1",),
    "dispatches/whistle": ("whistle_blown.v1", "joint_whistle_blown.v1"),  # the next level, or several units
    "dispatches/whistle/end": ("whistle_ended.v1",),
    "dispatches/whistle/answer": ("whistle_answered.v2",),
    "dispatches/referral": ("referral_made.v1",),
    "dispatches/referral/answer": ("referral_answered.v1",),
    "dispatches/referral/dispute": ("refusal_disputed.v1",),
    "dispatches/referral/dispute/ruling": ("dispute_ruled.v1",),
    "dispatches/referral/recall": ("referral_recalled.v1",),
    "dispatches/whistle/recall": ("whistle_recalled.v1",),
    "dispatches/lead": ("lead_named.v1",),
    "dispatches/tasks": ("task_given.v1",),
    "dispatches/tasks/result": ("task_ended.v1",),
    "dispatches/tasks/cancellation": ("task_ended.v1",),
    "dispatches/supervision": ("supervision_directed.v1",),
    "dispatches/supervision/result": ("supervision_closed.v1",),
    "dispatches/reports": ("handling_reported.v1",),
    "dispatches/questions": ("question_asked.v1",),
    "dispatches/time-requests": ("more_time_asked.v1",),
    "dispatches/time-requests/answer": (
        "dispatch_paused.v1",
        "extension_granted.v1",
        "more_time_refused.v1",
    ),
    "dispatches/resumption": ("dispatch_resumed.v1",),
    "dispatches/deadlock": ("deadlock_declared.v1",),
    "dispatches/deadlock/supervision": ("supervision_raised.v1",),
    "dispatches/rounds": ("round_opened.v1",),
    "dispatches/rounds/consents": (),
    "dispatches/rounds/result": ("round_closed.v2",),
    "dispatches/rounds/objections": ("objection_raised.v1",),
    "dispatches/rounds/objections/answer": ("objection_answered.v1",),
    "dispatches/payments": (),
    "dispatches/payments/returns": (),
    "dispatches/call": ("partners_called.v2",),
    "dispatches/call/changes": ("call_changed.v1",),
    "dispatches/call/withdrawal": ("call_withdrawn.v1",),
    "dispatches/delivery": (),
    "dispatches/check": ("work_checked.v1",),
    # the end; half done: for evaluation; a duplicate
    "dispatches/closure": ("dispatch_closed.v1", "work_checked.v1", "dispatch_merged.v1"),
    "dispatches/unbinding": ("dispatch_unmerged.v1",),
    "calls/decline": ("offer_declined.v1",),
    "calls/claims": ("claim_made.v1",),
    "calls/claims/plan": ("plan_submitted.v1",),
    "calls/claims/progress": ("progress_reported.v1",),
    # the last part, or one of several
    "calls/claims/delivery": ("work_delivered.v2", "progress_reported.v1"),
    "calls/claims/forced-release": ("claim_released.v1",),
    "calls/claims/takeover": ("takeover_asked.v1",),
    "calls/claims/takeover/answer": ("takeover_ended.v1",),
    "calls/claims/takeover/withdrawal": ("takeover_ended.v1",),
    "calls/lead": ("lead_chosen.v1",),
    "calls/claims/survey": ("work_surveyed.v1",),
    "calls/claims/block": ("work_blocked.v1",),
    "calls/claims/resumption": ("work_resumed.v1",),
    "calls/claims/release": ("claim_released.v1",),
    "calls/claims/confirmation": (),
    "calls/claims/receipts": ("pledge_received.v1",),
    "calls/claims/returns": ("pledge_returned.v1",),
    "evaluations/verdicts": ("work_evaluated.v1",),
}
