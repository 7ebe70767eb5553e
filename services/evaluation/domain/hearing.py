"""What the others say about an order: who may evaluate it, when the resident is asked, and the facts for the rates."""

from __future__ import annotations

from datetime import timedelta

from services.evaluation.domain.evaluation import Evaluation, close, open_evaluation, reopen
from shared.contracts.from_dispatch import (
    AreaSucceededV1,
    ClocksRecountedV1,
    DepartmentSucceededV1,
    DispatchAssignedV1,
    DispatchClosedV1,
    DispatchMergedV1,
    DispatchMovedV1,
    DispatchOpenedV1,
    DispatchPausedV1,
    DispatchReopenedV1,
    DispatchResumedV1,
    DispatchUnmergedV1,
    EndMovedV1,
    ExtensionGrantedV1,
    LimitJudgedV1,
    ReferralAnsweredV1,
    WhistleAnsweredV1,
    WhistleAnsweredV2,
    WorkCheckedV1,
)
from shared.contracts.from_intake import (
    OrderAmendedV1,
    OrderAmendedV2,
    OrderPlacedV1,
    OrderRetitledV1,
)
from shared.contracts.message import Heard, M
from shared.entry import Decision, decided, unchanged


def note_orderer(evaluation: Evaluation, heard: Heard[OrderPlacedV1]) -> Decision[Evaluation]:
    """Who may evaluate is known: for whom it was ordered, or whoever ordered."""
    said = heard.data
    return decided(
        evaluation.but(
            orderer=said.evaluated_by(heard.by),
            title=said.title,
            # Dispatch may have put it into another category, and may have been heard before.
            category=evaluation.category or said.category,
            urgency=evaluation.urgency or said.urgency,
        )
    )


def note_correction(
    evaluation: Evaluation, heard: Heard[OrderAmendedV1 | OrderAmendedV2]
) -> Decision[Evaluation]:
    """It counts for the category and the urgency that it was corrected to."""
    said = heard.data
    urgency = said.urgency if isinstance(said, OrderAmendedV2) else evaluation.urgency
    return decided(evaluation.but(category=said.category, urgency=urgency, corrected=True))


def note_title(evaluation: Evaluation, heard: Heard[OrderRetitledV1]) -> Decision[Evaluation]:
    """Lists show it as something else."""
    return decided(evaluation.but(title=heard.data.title))


def begin_again(evaluation: Evaluation, heard: Heard[DispatchReopenedV1]) -> Decision[Evaluation]:
    """It was closed and is open again, to another end."""
    return reopen(evaluation, number=heard.data.number, close_by=heard.data.close_by)


def note_opening(evaluation: Evaluation, heard: Heard[DispatchOpenedV1]) -> Decision[Evaluation]:
    """The order counts as dispatched, and its limits run."""
    said = heard.data
    return decided(
        evaluation.but(
            area=said.area,
            # A correction may have been heard before what it corrects.
            category=evaluation.category if evaluation.corrected else said.category,
            urgency=(evaluation.corrected and evaluation.urgency) or said.urgency,
            dispatched_at=heard.at,
            answer_by=said.answer_by,
            close_by=said.close_by,
        )
    )


def recount(evaluation: Evaluation, heard: Heard[ClocksRecountedV1]) -> Decision[Evaluation]:
    """Its limits are others; who had answered before had answered by the limit that was known."""
    said = heard.data
    limit = said.answer_by if evaluation.answered_at is None and said.answer_by else evaluation.answer_by
    return decided(evaluation.but(answer_by=limit, close_by=said.close_by))


def note_successor(evaluation: Evaluation, heard: Heard[DepartmentSucceededV1]) -> Decision[Evaluation]:
    """It counts for the department that has it now."""
    said = heard.data
    if evaluation.department != said.department:
        return unchanged(evaluation)
    return decided(evaluation.but(department=said.successor))


def note_move(
    evaluation: Evaluation, heard: Heard[DispatchMovedV1 | AreaSucceededV1]
) -> Decision[Evaluation]:
    """It counts for the area that has it now."""
    return decided(evaluation.but(area=heard.data.area))


def note_answer(
    evaluation: Evaluation, heard: Heard[DispatchAssignedV1 | WhistleAnsweredV1 | WhistleAnsweredV2]
) -> Decision[Evaluation]:
    """Somebody has it in hand, or is there who was called."""
    return decided(_taken_in_hand(evaluation, heard))


def note_judgement(evaluation: Evaluation, heard: Heard[LimitJudgedV1]) -> Decision[Evaluation]:
    """Whether a limit was kept. Dispatch knows the limits; here nothing is worked out of times."""
    said = heard.data
    if said.limit == "answer":
        return decided(evaluation.but(answered_in_time=said.in_time))
    return decided(evaluation.but(done_in_time=said.in_time))


def note_department(evaluation: Evaluation, heard: Heard[ReferralAnsweredV1]) -> Decision[Evaluation]:
    """The department answered; if it accepted, the figures count for it."""
    answered = _taken_in_hand(evaluation, heard)
    return decided(answered.but(department=heard.data.department) if heard.data.accepted else answered)


def put_off(evaluation: Evaluation, heard: Heard[DispatchPausedV1]) -> Decision[Evaluation]:
    """While it is put off it is not due."""
    return decided(evaluation.but(deferred=heard.data.kind))


def go_on(evaluation: Evaluation, heard: Heard[DispatchResumedV1]) -> Decision[Evaluation]:
    """It is due again, by its new end."""
    return decided(evaluation.but(deferred=None, close_by=heard.data.close_by))


def extend(evaluation: Evaluation, heard: Heard[ExtensionGrantedV1 | EndMovedV1]) -> Decision[Evaluation]:
    """It is due later."""
    return decided(evaluation.but(close_by=heard.data.close_by))


def ask_resident(
    evaluation: Evaluation, heard: Heard[WorkCheckedV1], *, window: timedelta
) -> Decision[Evaluation]:
    """Once the work has passed its check, the resident is asked. Raises NotYet until it is known who that is."""
    if not heard.data.passed:
        return unchanged(evaluation)  # the same hands do it again; nobody is asked yet
    checked = evaluation.but(done_by=heard.data.done_by)
    return open_evaluation(checked, at=heard.at, window=window)


def merge(evaluation: Evaluation, heard: Heard[DispatchMergedV1]) -> Decision[Evaluation]:  # noqa: ARG001
    """It repeats another order, which counts for both."""
    return decided(evaluation.but(merged=True))


def unmerge(evaluation: Evaluation, heard: Heard[DispatchUnmergedV1]) -> Decision[Evaluation]:
    """It counts by itself again, by its new end."""
    return decided(evaluation.but(merged=False, close_by=heard.data.close_by))


def end(evaluation: Evaluation, heard: Heard[DispatchClosedV1]) -> Decision[Evaluation]:
    """It has ended, and how."""
    return close(evaluation, outcome=heard.data.outcome, in_time=heard.data.in_time, at=heard.at)


def _taken_in_hand(evaluation: Evaluation, heard: Heard[M]) -> Evaluation:
    """Somebody answered for it; the first time counts for the response rate."""
    return evaluation if evaluation.answered_at is not None else evaluation.but(answered_at=heard.at)
