"""What partners says: who took on what, and how the work goes."""

from shared.contracts.from_partners.calls import CallCoveredV1 as CallCoveredV1
from shared.contracts.from_partners.calls import CallExpiredV1 as CallExpiredV1
from shared.contracts.from_partners.calls import CallOfferedV1 as CallOfferedV1
from shared.contracts.from_partners.calls import CallPublishedV1 as CallPublishedV1
from shared.contracts.from_partners.calls import ChangePublishedV1 as ChangePublishedV1
from shared.contracts.from_partners.calls import LeadChosenV1 as LeadChosenV1
from shared.contracts.from_partners.calls import OfferDeclinedV1 as OfferDeclinedV1
from shared.contracts.from_partners.claims import ClaimMadeV1 as ClaimMadeV1
from shared.contracts.from_partners.claims import ClaimReleasedV1 as ClaimReleasedV1
from shared.contracts.from_partners.claims import ClaimRemindedV1 as ClaimRemindedV1
from shared.contracts.from_partners.claims import ClaimStaleV1 as ClaimStaleV1
from shared.contracts.from_partners.claims import TakeoverAskedV1 as TakeoverAskedV1
from shared.contracts.from_partners.claims import TakeoverEndedV1 as TakeoverEndedV1
from shared.contracts.from_partners.money import PledgeReceivedV1 as PledgeReceivedV1
from shared.contracts.from_partners.money import PledgeReturnedV1 as PledgeReturnedV1
from shared.contracts.from_partners.works import PlanSubmittedV1 as PlanSubmittedV1
from shared.contracts.from_partners.works import ProgressReportedV1 as ProgressReportedV1
from shared.contracts.from_partners.works import WorkBlockedV1 as WorkBlockedV1
from shared.contracts.from_partners.works import WorkDeliveredV1 as WorkDeliveredV1
from shared.contracts.from_partners.works import WorkDeliveredV2 as WorkDeliveredV2
from shared.contracts.from_partners.works import WorkResumedV1 as WorkResumedV1
from shared.contracts.from_partners.works import WorkSurveyedV1 as WorkSurveyedV1
