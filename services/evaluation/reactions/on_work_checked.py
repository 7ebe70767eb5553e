"""`dispatch.work_checked` → once the work has passed its check, the resident is asked."""

from __future__ import annotations

from datetime import timedelta

from services.evaluation.domain.evaluation import Evaluation, open_evaluation
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.message import Heard
from shared.entry import Decision, unchanged


def on_work_checked(
    evaluation: Evaluation, heard: Heard[WorkCheckedV1], *, window: timedelta
) -> Decision[Evaluation]:
    if not heard.data.passed:
        return unchanged(evaluation)  # the same hands do it again; nobody is asked yet
    checked = evaluation.but(done_by=heard.data.done_by)
    return open_evaluation(checked, at=heard.at, window=window)
