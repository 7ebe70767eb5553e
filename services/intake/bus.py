"""Messages in: what residents see of each, as a line of their order's timeline.

One row for each message: what the order comes to by it (None: it is only noted), and the fields that everybody may see.
What is not named here stays out of sight: levels, units, departments and partners are shown, persons are not.
"""

from __future__ import annotations

from services.intake.domain.seen import (
    asked_about,
    claimed,
    ended,
    follows,
    goes_alone,
    lies_in,
    seen,
    table,
    unseen,
)
from services.intake.domain.timeline import Progress
from shared.contracts import from_dispatch as dispatch
from shared.contracts import from_evaluation as evaluation
from shared.contracts import from_partners as partners
from shared.hearing import Reactions

# fmt: off
REACTIONS: Reactions = table(
    # where it lies, who has it, and how it ends
    seen(dispatch.DispatchOpenedV1, Progress.ACCEPTED, "area", "answer_by", "close_by", "in_no_grid", also=lies_in),
    seen(dispatch.DispatchMovedV1, None, "area", "cause", "reason", "answer_by", also=lies_in),
    unseen(dispatch.AreaSucceededV1, lies_in),
    seen(dispatch.DispatchAssignedV1, Progress.DISPATCHED, "level"),
    seen(dispatch.WorkHandedOverV1, None, "level"),
    seen(dispatch.HandlingReportedV1, None, "note"),
    seen(dispatch.QuestionAskedV1, None, "number", "question", "until", also=asked_about),
    seen(dispatch.ReferralMadeV1, Progress.DISPATCHED, "department", "answer_by", "note"),
    seen(dispatch.ReferralAnsweredV1,
         lambda said: Progress.IN_WORK if said.accepted else Progress.DISPATCHED,
         "department", "accepted", "reason", "rule", "refusals"),
    seen(dispatch.RefusalDisputedV1, Progress.DISPATCHED,
         "department", "to_level", "answer_by", "by_silence", "reason"),
    seen(dispatch.DisputeRuledV1, Progress.DISPATCHED, "department", "upheld", "note"),
    seen(dispatch.DispatchMergedV1, Progress.MERGED, "note", also=follows),
    seen(dispatch.DispatchUnmergedV1, Progress.DISPATCHED, "cause", "note", "level", "answer_by", "close_by",
         also=goes_alone),
    seen(dispatch.DispatchClosedV1,
         lambda said: Progress.WITHDRAWN if said.outcome == "withdrawn" else Progress.CLOSED,
         "outcome", "in_time", "note", also=ended),
    seen(dispatch.DispatchReopenedV1,
         lambda said: Progress.DISPATCHED if said.taken else None,
         "number", "level", "answer_by", "close_by", "calls", "cost", "shares", "subsidies"),

    # who is called to help; of several units that were called, the last one that is waited for brings it on
    seen(dispatch.WhistleBlownV1, Progress.WHISTLED,
         "kind", "from_level", "to_level", "answer_by", "by_silence", "note"),
    seen(dispatch.JointWhistleBlownV1, Progress.WHISTLED, "from_level", "units", "note"),
    seen(dispatch.WhistleAnsweredV1, Progress.DISPATCHED, "level", "measures"),
    seen(dispatch.WhistleAnsweredV2,
         lambda said: None if said.waiting else Progress.DISPATCHED,
         "unit", "level", "measures", "contacted", "deadline", "waiting"),
    seen(dispatch.WhistleEndedV1, Progress.DISPATCHED, "level", "absent", "note"),
    seen(dispatch.LeadNamedV1, None, "unit", "co_units", "note"),
    seen(dispatch.TaskGivenV1, None, "number", "title", "unit", "deadline"),
    seen(dispatch.TaskLateV1, None, "number", "unit", "deadline"),
    seen(dispatch.TaskEndedV1, None, "number", "unit", "ended", "late", "note"),
    seen(dispatch.DeadlockDeclaredV1, None, "reason"),
    seen(dispatch.SupervisionRaisedV1, None, "cause"),
    seen(dispatch.SupervisionDirectedV1, None, "unit", "measures", "due"),
    seen(dispatch.SupervisionOverdueV1, None, "due", "unit"),
    seen(dispatch.SupervisionClosedV1, None, "result"),

    # time; how far it is stays as it was
    seen(dispatch.ReminderSentV1, None, "clock", "level", "ends"),
    seen(dispatch.DispatchOverdueV1, None, "close_by"),
    seen(dispatch.MoreTimeAskedV1, None, "kind", "reason", "until", "decided_by"),
    seen(dispatch.MoreTimeRefusedV1, None, "kind", "note"),
    seen(dispatch.ExtensionGrantedV1, None, "reason", "close_by"),
    seen(dispatch.NextLevelAskedV1, None, "clock", "from_level", "to_level", "answer_by"),
    seen(dispatch.EndMovedV1, None, "close_by", "cause"),
    seen(dispatch.DispatchPausedV1, None, "kind", "reason", "until"),
    seen(dispatch.DispatchResumedV1, None, "kind", "how", "close_by", "note"),
    seen(dispatch.ClocksRecountedV1, None, "urgency", "answer_by", "close_by"),

    # what was asked of the wrong one, and who answers for whoever is no more
    seen(dispatch.ReferralRecalledV1, None, "department", "reason", "refusals"),
    seen(dispatch.WhistleRecalledV1,
         lambda said: None if said.waiting else Progress.DISPATCHED, "level", "units", "reason", "waiting"),
    seen(dispatch.DepartmentSucceededV1, None, "department", "successor"),

    # what the households discuss and agree to pay
    seen(dispatch.RoundOpenedV1, Progress.BEING_DISCUSSED, "number", "proposal", "cost", "allocation", "households"),
    seen(dispatch.RoundClosedV1, Progress.BEING_DISCUSSED,
         "number", "agreed", "cost", "shares", "subsidies", "gap", "consenting", "households"),
    seen(dispatch.RoundClosedV2, Progress.BEING_DISCUSSED,
         "number", "agreed", "cost", "shares", "subsidies", "gap", "consenting", "households", "binds"),
    seen(dispatch.NoticeOpenedV1, Progress.BEING_DISCUSSED, "number", "until", "shares", "subsidies", "gap"),
    seen(dispatch.ObjectionRaisedV1, Progress.BEING_DISCUSSED, "number", "objections"),
    seen(dispatch.ObjectionAnsweredV1, Progress.BEING_DISCUSSED, "number", "upheld", "reason"),
    seen(dispatch.NoticeClosedV1, Progress.BEING_DISCUSSED,
         "number", "stands", "objections", "cost", "shares", "subsidies", "gap"),

    # what partners are asked for, and who takes what; only a call that had been covered goes back
    seen(partners.CallPublishedV1, Progress.OPEN_TO_PARTNERS, "round", "lines", "gap", "exclusive", "offered"),
    seen(partners.CallOfferedV1, None, "round", "step", "offered", "to_all", "until"),
    seen(partners.OfferDeclinedV1, None, "round", "reason"),
    seen(partners.ChangePublishedV1,
         lambda said: Progress.OPEN_TO_PARTNERS if said.reopened else None,
         "round", "change", "gap", "reopened"),
    seen(partners.ClaimMadeV1, None, "round", "claim_id", "partner_name", "lines", "gap", also=claimed),
    seen(partners.ClaimReleasedV1,
         lambda said: Progress.OPEN_TO_PARTNERS if said.reopened else None,
         "round", "claim_id", "reason", "gap", "reopened"),
    seen(partners.CallCoveredV1, Progress.CLAIMED, "round", "pledged"),
    seen(partners.CallExpiredV1, Progress.DISPATCHED, "round", "gap"),
    seen(dispatch.CallWithdrawnV1, Progress.DISPATCHED, "round", "reason"),
    seen(partners.LeadChosenV1, None, "round", "partner_name"),

    # how partners work
    seen(partners.WorkSurveyedV1, None, "claim_id", "partner_name", "note", "photos"),
    seen(partners.PlanSubmittedV1, None, "partner_name", "plan", "starts", "ends"),
    seen(partners.PledgeReceivedV1, None, "claim_id", "partner_name", "kind", "amount", "unit"),
    seen(partners.PledgeReturnedV1, None, "claim_id", "partner_name", "kind", "amount", "unit", "reason"),
    seen(partners.ProgressReportedV1, Progress.IN_WORK, "partner_name", "note", "percent"),
    seen(partners.WorkBlockedV1, None, "claim_id", "partner_name", "reason", "until"),
    seen(partners.WorkResumedV1, None, "claim_id", "partner_name"),
    seen(partners.ClaimRemindedV1, None, "claim_id", "partner_name", "waits_for", "ends"),
    seen(partners.ClaimStaleV1, None, "claim_id", "partner_name", "waits_for", "taken_back_at"),
    seen(partners.TakeoverAskedV1, None, "claim_id", "partner_name", "reason", "until"),
    seen(partners.TakeoverEndedV1, None, "claim_id", "partner_name", "outcome", "reason"),

    # whether it is done, and good; who did it is not shown with the check, and silence is shown as silence
    seen(partners.WorkDeliveredV1, Progress.TO_BE_CHECKED, "round", "note"),
    seen(partners.WorkDeliveredV2, Progress.TO_BE_CHECKED, "round", "note"),
    seen(dispatch.WorkReportedV1, Progress.TO_BE_CHECKED, "note"),
    seen(dispatch.WorkCheckedV1,
         lambda said: Progress.TO_BE_EVALUATED if said.passed else Progress.REWORK,
         "passed", "note", "reworks"),
    seen(evaluation.EvaluationOpenedV1, Progress.TO_BE_EVALUATED, "until", "round"),
    seen(evaluation.WorkEvaluatedV1, None, "verdict", "result", "speed", "manner", "reason", "round"),
    seen(evaluation.ReworkRequestedV1, Progress.REWORK, "reason", "round"),
    seen(evaluation.EvaluationLapsedV1, None, "round"),
)
# fmt: on
