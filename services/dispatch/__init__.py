"""Dispatch 派单: who answers for an order.

Keeps the list of dispatches: one entry for each order, with the level that answers for it, the clocks that run, the
referrals, the rounds of deliberation, the call to partners and the money.

Hears from intake `order_placed`, `order_amended`, `order_withdrawn`, `question_answered`; from partners `claim_made`,
`claim_released`, `change_published`, `call_covered`, `call_expired`, `work_delivered`; from evaluation
`work_evaluated`, `rework_requested`, `evaluation_lapsed`.

Tells `dispatch_opened`, `dispatch_moved`, `dispatch_assigned`, `whistle_blown`, `joint_whistle_blown`,
`whistle_answered`, `whistle_ended`, `referral_made`, `referral_answered`, `refusal_disputed`, `dispute_ruled`,
`lead_named`, `task_given`, `task_late`, `task_ended`, `deadlock_declared`, `round_opened`, `round_closed`,
`notice_opened`, `objection_raised`, `objection_answered`, `notice_closed`, `partners_called`, `call_withdrawn`,
`work_reported`, `work_checked`, `dispatch_overdue`, `more_time_asked`, `more_time_refused`,
`extension_granted`, `dispatch_paused`, `dispatch_resumed`, `question_asked`, `handling_reported`, `reminder_sent`,
`supervision_raised`, `supervision_directed`,
`supervision_overdue`, `supervision_closed`, `dispatch_closed`.
"""
