"""Partners keeps the third list: the calls, each a need that partners may take, and who took what of it.

Hears from dispatch: `partners_called`, `call_changed`, `call_withdrawn`, `work_checked`, `dispatch_moved`,
`dispatch_closed`; from evaluation:
`rework_requested`, `work_evaluated`.
Tells: `call_published`, `change_published`, `claim_made`, `call_covered`, `plan_submitted`, `progress_reported`,
`work_delivered`, `claim_released`, `call_expired`, `call_offered`, `offer_declined`, `pledge_received`,
`pledge_returned`, `claim_reminded`, `claim_stale`, `work_blocked`, `work_resumed`, `work_surveyed`, `takeover_asked`,
`takeover_ended`, `lead_chosen`.
"""
