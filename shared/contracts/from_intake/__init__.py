"""What intake says: what residents ordered."""

from shared.contracts.from_intake.order_amended import OrderAmendedV1 as OrderAmendedV1
from shared.contracts.from_intake.order_placed import OrderPlacedV1 as OrderPlacedV1
from shared.contracts.from_intake.order_placed import OrderPlacedV2 as OrderPlacedV2
from shared.contracts.from_intake.order_withdrawn import OrderWithdrawnV1 as OrderWithdrawnV1
from shared.contracts.from_intake.question_answered import QuestionAnsweredV1 as QuestionAnsweredV1
