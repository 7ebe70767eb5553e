"""What evaluation says: whether it was good."""

from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1 as EvaluationLapsedV1
from shared.contracts.from_evaluation.evaluation_opened import EvaluationOpenedV1 as EvaluationOpenedV1
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1 as ReworkRequestedV1
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1 as WorkEvaluatedV1
