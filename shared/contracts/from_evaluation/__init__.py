"""What evaluation says: whether it was good."""

from shared.contracts.from_evaluation.evaluations import EvaluationLapsedV1 as EvaluationLapsedV1
from shared.contracts.from_evaluation.evaluations import EvaluationOpenedV1 as EvaluationOpenedV1
from shared.contracts.from_evaluation.evaluations import ReworkRequestedV1 as ReworkRequestedV1
from shared.contracts.from_evaluation.evaluations import WorkEvaluatedV1 as WorkEvaluatedV1
