"""Messages in: what is said, and who here listens to it."""

from __future__ import annotations

from services.intake.reactions.on_call_covered import on_call_covered
from services.intake.reactions.on_call_expired import on_call_expired
from services.intake.reactions.on_call_offered import on_call_offered
from services.intake.reactions.on_call_published import on_call_published
from services.intake.reactions.on_call_withdrawn import on_call_withdrawn
from services.intake.reactions.on_change_published import on_change_published
from services.intake.reactions.on_claim_made import on_claim_made
from services.intake.reactions.on_claim_released import on_claim_released
from services.intake.reactions.on_claim_reminded import on_claim_reminded
from services.intake.reactions.on_claim_stale import on_claim_stale
from services.intake.reactions.on_deadlock_declared import on_deadlock_declared
from services.intake.reactions.on_dispatch_assigned import on_dispatch_assigned
from services.intake.reactions.on_dispatch_closed import on_dispatch_closed
from services.intake.reactions.on_dispatch_moved import on_dispatch_moved
from services.intake.reactions.on_dispatch_opened import on_dispatch_opened
from services.intake.reactions.on_dispatch_overdue import on_dispatch_overdue
from services.intake.reactions.on_dispatch_paused import on_dispatch_paused
from services.intake.reactions.on_dispatch_resumed import on_dispatch_resumed
from services.intake.reactions.on_dispute_ruled import on_dispute_ruled
from services.intake.reactions.on_evaluation_lapsed import on_evaluation_lapsed
from services.intake.reactions.on_evaluation_opened import on_evaluation_opened
from services.intake.reactions.on_extension_granted import on_extension_granted
from services.intake.reactions.on_handling_reported import on_handling_reported
from services.intake.reactions.on_joint_whistle_blown import on_joint_whistle_blown
from services.intake.reactions.on_lead_chosen import on_lead_chosen
from services.intake.reactions.on_lead_named import on_lead_named
from services.intake.reactions.on_more_time_asked import on_more_time_asked
from services.intake.reactions.on_more_time_refused import on_more_time_refused
from services.intake.reactions.on_notice_closed import on_notice_closed
from services.intake.reactions.on_notice_opened import on_notice_opened
from services.intake.reactions.on_objection_answered import on_objection_answered
from services.intake.reactions.on_objection_raised import on_objection_raised
from services.intake.reactions.on_offer_declined import on_offer_declined
from services.intake.reactions.on_plan_submitted import on_plan_submitted
from services.intake.reactions.on_pledge_received import on_pledge_received
from services.intake.reactions.on_pledge_returned import on_pledge_returned
from services.intake.reactions.on_progress_reported import on_progress_reported
from services.intake.reactions.on_question_asked import on_question_asked
from services.intake.reactions.on_referral_answered import on_referral_answered
from services.intake.reactions.on_referral_made import on_referral_made
from services.intake.reactions.on_refusal_disputed import on_refusal_disputed
from services.intake.reactions.on_reminder_sent import on_reminder_sent
from services.intake.reactions.on_rework_requested import on_rework_requested
from services.intake.reactions.on_round_closed import on_round_closed
from services.intake.reactions.on_round_opened import on_round_opened
from services.intake.reactions.on_supervision_closed import on_supervision_closed
from services.intake.reactions.on_supervision_directed import on_supervision_directed
from services.intake.reactions.on_supervision_overdue import on_supervision_overdue
from services.intake.reactions.on_supervision_raised import on_supervision_raised
from services.intake.reactions.on_takeover_asked import on_takeover_asked
from services.intake.reactions.on_takeover_ended import on_takeover_ended
from services.intake.reactions.on_task_ended import on_task_ended
from services.intake.reactions.on_task_given import on_task_given
from services.intake.reactions.on_task_late import on_task_late
from services.intake.reactions.on_whistle_answered import on_whistle_answered
from services.intake.reactions.on_whistle_blown import on_whistle_blown
from services.intake.reactions.on_whistle_ended import on_whistle_ended
from services.intake.reactions.on_work_blocked import on_work_blocked
from services.intake.reactions.on_work_checked import on_work_checked
from services.intake.reactions.on_work_delivered import on_work_delivered
from services.intake.reactions.on_work_evaluated import on_work_evaluated
from services.intake.reactions.on_work_reported import on_work_reported
from services.intake.reactions.on_work_resumed import on_work_resumed
from services.intake.reactions.on_work_surveyed import on_work_surveyed
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.from_dispatch.deadlock_declared import DeadlockDeclaredV1
from shared.contracts.from_dispatch.dispatch_assigned import DispatchAssignedV1
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.from_dispatch.dispatch_opened import DispatchOpenedV1
from shared.contracts.from_dispatch.dispatch_overdue import DispatchOverdueV1
from shared.contracts.from_dispatch.dispatch_paused import DispatchPausedV1
from shared.contracts.from_dispatch.dispatch_resumed import DispatchResumedV1
from shared.contracts.from_dispatch.dispute_ruled import DisputeRuledV1
from shared.contracts.from_dispatch.extension_granted import ExtensionGrantedV1
from shared.contracts.from_dispatch.handling_reported import HandlingReportedV1
from shared.contracts.from_dispatch.joint_whistle_blown import JointWhistleBlownV1
from shared.contracts.from_dispatch.lead_named import LeadNamedV1
from shared.contracts.from_dispatch.more_time_asked import MoreTimeAskedV1
from shared.contracts.from_dispatch.more_time_refused import MoreTimeRefusedV1
from shared.contracts.from_dispatch.notice_closed import NoticeClosedV1
from shared.contracts.from_dispatch.notice_opened import NoticeOpenedV1
from shared.contracts.from_dispatch.objection_answered import ObjectionAnsweredV1
from shared.contracts.from_dispatch.objection_raised import ObjectionRaisedV1
from shared.contracts.from_dispatch.question_asked import QuestionAskedV1
from shared.contracts.from_dispatch.referral_answered import ReferralAnsweredV1
from shared.contracts.from_dispatch.referral_made import ReferralMadeV1
from shared.contracts.from_dispatch.refusal_disputed import RefusalDisputedV1
from shared.contracts.from_dispatch.reminder_sent import ReminderSentV1
from shared.contracts.from_dispatch.round_closed import RoundClosedV1, RoundClosedV2
from shared.contracts.from_dispatch.round_opened import RoundOpenedV1
from shared.contracts.from_dispatch.supervision_closed import SupervisionClosedV1
from shared.contracts.from_dispatch.supervision_directed import SupervisionDirectedV1
from shared.contracts.from_dispatch.supervision_overdue import SupervisionOverdueV1
from shared.contracts.from_dispatch.supervision_raised import SupervisionRaisedV1
from shared.contracts.from_dispatch.task_ended import TaskEndedV1
from shared.contracts.from_dispatch.task_given import TaskGivenV1
from shared.contracts.from_dispatch.task_late import TaskLateV1
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1, WhistleAnsweredV2
from shared.contracts.from_dispatch.whistle_blown import WhistleBlownV1
from shared.contracts.from_dispatch.whistle_ended import WhistleEndedV1
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_dispatch.work_reported import WorkReportedV1
from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1
from shared.contracts.from_evaluation.evaluation_opened import EvaluationOpenedV1
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.from_partners.call_covered import CallCoveredV1
from shared.contracts.from_partners.call_expired import CallExpiredV1
from shared.contracts.from_partners.call_offered import CallOfferedV1
from shared.contracts.from_partners.call_published import CallPublishedV1
from shared.contracts.from_partners.change_published import ChangePublishedV1
from shared.contracts.from_partners.claim_made import ClaimMadeV1
from shared.contracts.from_partners.claim_released import ClaimReleasedV1
from shared.contracts.from_partners.claim_reminded import ClaimRemindedV1
from shared.contracts.from_partners.claim_stale import ClaimStaleV1
from shared.contracts.from_partners.lead_chosen import LeadChosenV1
from shared.contracts.from_partners.offer_declined import OfferDeclinedV1
from shared.contracts.from_partners.plan_submitted import PlanSubmittedV1
from shared.contracts.from_partners.pledge_received import PledgeReceivedV1
from shared.contracts.from_partners.pledge_returned import PledgeReturnedV1
from shared.contracts.from_partners.progress_reported import ProgressReportedV1
from shared.contracts.from_partners.takeover_asked import TakeoverAskedV1
from shared.contracts.from_partners.takeover_ended import TakeoverEndedV1
from shared.contracts.from_partners.work_blocked import WorkBlockedV1
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1, WorkDeliveredV2
from shared.contracts.from_partners.work_resumed import WorkResumedV1
from shared.contracts.from_partners.work_surveyed import WorkSurveyedV1
from shared.hearing import Reactions

REACTIONS: Reactions = {
    CallWithdrawnV1: on_call_withdrawn,
    DeadlockDeclaredV1: on_deadlock_declared,
    DispatchAssignedV1: on_dispatch_assigned,
    DispatchClosedV1: on_dispatch_closed,
    DispatchMovedV1: on_dispatch_moved,
    DispatchOpenedV1: on_dispatch_opened,
    DispatchPausedV1: on_dispatch_paused,
    DispatchResumedV1: on_dispatch_resumed,
    ExtensionGrantedV1: on_extension_granted,
    HandlingReportedV1: on_handling_reported,
    MoreTimeAskedV1: on_more_time_asked,
    MoreTimeRefusedV1: on_more_time_refused,
    QuestionAskedV1: on_question_asked,
    ReminderSentV1: on_reminder_sent,
    DispatchOverdueV1: on_dispatch_overdue,
    NoticeClosedV1: on_notice_closed,
    NoticeOpenedV1: on_notice_opened,
    ObjectionAnsweredV1: on_objection_answered,
    ObjectionRaisedV1: on_objection_raised,
    ReferralAnsweredV1: on_referral_answered,
    ReferralMadeV1: on_referral_made,
    RoundClosedV1: on_round_closed,
    RoundClosedV2: on_round_closed,
    RoundOpenedV1: on_round_opened,
    RefusalDisputedV1: on_refusal_disputed,
    DisputeRuledV1: on_dispute_ruled,
    LeadNamedV1: on_lead_named,
    TaskGivenV1: on_task_given,
    TaskEndedV1: on_task_ended,
    TaskLateV1: on_task_late,
    SupervisionDirectedV1: on_supervision_directed,
    SupervisionOverdueV1: on_supervision_overdue,
    SupervisionClosedV1: on_supervision_closed,
    SupervisionRaisedV1: on_supervision_raised,
    JointWhistleBlownV1: on_joint_whistle_blown,
    WhistleAnsweredV1: on_whistle_answered,
    WhistleAnsweredV2: on_whistle_answered,
    WhistleEndedV1: on_whistle_ended,
    WhistleBlownV1: on_whistle_blown,
    WorkCheckedV1: on_work_checked,
    WorkReportedV1: on_work_reported,
    EvaluationLapsedV1: on_evaluation_lapsed,
    EvaluationOpenedV1: on_evaluation_opened,
    ReworkRequestedV1: on_rework_requested,
    WorkEvaluatedV1: on_work_evaluated,
    CallCoveredV1: on_call_covered,
    CallExpiredV1: on_call_expired,
    CallOfferedV1: on_call_offered,
    CallPublishedV1: on_call_published,
    OfferDeclinedV1: on_offer_declined,
    ChangePublishedV1: on_change_published,
    ClaimMadeV1: on_claim_made,
    WorkSurveyedV1: on_work_surveyed,
    WorkResumedV1: on_work_resumed,
    WorkBlockedV1: on_work_blocked,
    LeadChosenV1: on_lead_chosen,
    TakeoverEndedV1: on_takeover_ended,
    TakeoverAskedV1: on_takeover_asked,
    ClaimStaleV1: on_claim_stale,
    ClaimRemindedV1: on_claim_reminded,
    ClaimReleasedV1: on_claim_released,
    PledgeReceivedV1: on_pledge_received,
    PledgeReturnedV1: on_pledge_returned,
    PlanSubmittedV1: on_plan_submitted,
    ProgressReportedV1: on_progress_reported,
    WorkDeliveredV1: on_work_delivered,
    WorkDeliveredV2: on_work_delivered,
}
