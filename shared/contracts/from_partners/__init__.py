"""What partners says: who took on what, and how the work goes."""

from shared.contracts.from_partners.call_covered import CallCoveredV1 as CallCoveredV1
from shared.contracts.from_partners.call_expired import CallExpiredV1 as CallExpiredV1
from shared.contracts.from_partners.call_offered import CallOfferedV1 as CallOfferedV1
from shared.contracts.from_partners.call_published import CallPublishedV1 as CallPublishedV1
from shared.contracts.from_partners.change_published import ChangePublishedV1 as ChangePublishedV1
from shared.contracts.from_partners.claim_made import ClaimMadeV1 as ClaimMadeV1
from shared.contracts.from_partners.claim_released import ClaimReleasedV1 as ClaimReleasedV1
from shared.contracts.from_partners.claim_reminded import ClaimRemindedV1 as ClaimRemindedV1
from shared.contracts.from_partners.claim_stale import ClaimStaleV1 as ClaimStaleV1
from shared.contracts.from_partners.lead_chosen import LeadChosenV1 as LeadChosenV1
from shared.contracts.from_partners.offer_declined import OfferDeclinedV1 as OfferDeclinedV1
from shared.contracts.from_partners.plan_submitted import PlanSubmittedV1 as PlanSubmittedV1
from shared.contracts.from_partners.pledge_received import PledgeReceivedV1 as PledgeReceivedV1
from shared.contracts.from_partners.pledge_returned import PledgeReturnedV1 as PledgeReturnedV1
from shared.contracts.from_partners.progress_reported import ProgressReportedV1 as ProgressReportedV1
from shared.contracts.from_partners.takeover_asked import TakeoverAskedV1 as TakeoverAskedV1
from shared.contracts.from_partners.takeover_ended import TakeoverEndedV1 as TakeoverEndedV1
from shared.contracts.from_partners.work_blocked import WorkBlockedV1 as WorkBlockedV1
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1 as WorkDeliveredV1
from shared.contracts.from_partners.work_delivered import WorkDeliveredV2 as WorkDeliveredV2
from shared.contracts.from_partners.work_resumed import WorkResumedV1 as WorkResumedV1
from shared.contracts.from_partners.work_surveyed import WorkSurveyedV1 as WorkSurveyedV1
