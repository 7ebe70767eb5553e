"""What intake says: what residents ordered."""

from shared.contracts.from_intake.orders import OrderAmendedV1 as OrderAmendedV1
from shared.contracts.from_intake.orders import OrderAmendedV2 as OrderAmendedV2
from shared.contracts.from_intake.orders import OrderPlacedV1 as OrderPlacedV1
from shared.contracts.from_intake.orders import OrderPlacedV2 as OrderPlacedV2
from shared.contracts.from_intake.orders import OrderReopenedV1 as OrderReopenedV1
from shared.contracts.from_intake.orders import OrderRetitledV1 as OrderRetitledV1
from shared.contracts.from_intake.orders import OrderWithdrawnV1 as OrderWithdrawnV1
from shared.contracts.from_intake.orders import QuestionAnsweredV1 as QuestionAnsweredV1
