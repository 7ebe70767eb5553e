"""Rules that can never decide, because those before them fit everything that they fit.

Everything that rules can tell apart is a finite number of things: the categories that some rule names and "any other",
and so on for area, urgency, minute, kind of day (and of the day before) and the answer to each question. A rule is then
a box of sets (two for a night of workdays: before and after midnight), and what is left of it when the boxes before it
are cut away is what it can still decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import product

from services.dispatch.domain.ground.routing import Rule
from services.dispatch.domain.ground.span import Between
from shared.caller import lies_in

# categories, areas, urgencies, spans of the day, kinds of day and of the day before, answers
Box = tuple[frozenset[object], ...]

_OTHER = "any other"

_MOST = 20_000  # pieces; beyond it nothing is said about a rule


def never_match(rules: Sequence[Rule]) -> dict[str, list[str]]:
    """By id of a rule that can never decide: the ids of those before it that take everything away."""
    boxes = [_boxes(rule, rules) for rule in rules]
    found = {}
    for number, rule in enumerate(rules):
        before = [
            one for one in range(number) if any(_meet(*two) for two in product(boxes[one], boxes[number]))
        ]
        taken = [box for one in before for box in boxes[one]]
        if before and not any(_left(box, taken) for box in boxes[number]):
            found[rule.id] = [rules[one].id for one in before]
    return found


def _left(box: Box, before: Sequence[Box]) -> bool:
    """Whether anything of the box is left when the others are cut away."""
    pieces = [box]
    for other in before:
        pieces = [rest for piece in pieces for rest in _cut(piece, other)]
        if not pieces or len(pieces) > _MOST:
            break
    return bool(pieces)


def _cut(box: Box, other: Box) -> Iterator[Box]:
    """The box without the other one, in pieces that do not overlap."""
    if not _meet(box, other):
        yield box
        return
    for side, (mine, taken) in enumerate(zip(box, other, strict=True)):
        if outside := mine - taken:
            yield (*box[:side], outside, *box[side + 1 :])
        box = (*box[:side], mine & taken, *box[side + 1 :])


def _meet(box: Box, other: Box) -> bool:
    return all(mine & theirs for mine, theirs in zip(box, other, strict=True))


def _boxes(rule: Rule, rules: Sequence[Rule]) -> list[Box]:
    when = rule.when
    categories = {_OTHER, *(one for each in rules for one in each.when.categories)}
    areas = {each.when.area for each in rules if each.when.area} | {""}
    below = {area for area in areas if lies_in(area, when.area)} if when.area else areas
    return [
        (
            frozenset(when.categories or categories),
            frozenset(below),
            frozenset(when.urgencies or ("emergency", "urgent", "general")),
            *times,
            *_answers(rule, rules),
        )
        for times in _times(rule, rules)
    ]


def _times(rule: Rule, rules: Sequence[Rule]) -> Iterator[Box]:
    """The spans of the day with the kinds of day and of the day before: what lies past midnight asks for that one."""
    between, workday = rule.when.between, rule.when.workday
    moments = sorted({time(0), *(moment for each in rules for moment in _ends(each.when.between))})
    spans = frozenset(moment for moment in moments if between is None or between.holds(moment))
    either, wanted = frozenset((True, False)), frozenset((True, False) if workday is None else (workday,))
    if between is None or workday is None or not between.past_midnight:
        yield spans, wanted, either
        return
    past = frozenset(moment for moment in spans if moment < between.ends)
    yield spans - past, wanted, either
    yield past, either, wanted


def _answers(rule: Rule, rules: Sequence[Rule]) -> Iterator[frozenset[object]]:
    """By question that some rule names: the answers that this one fits."""
    for question in sorted({question for each in rules for question in each.when.answers}):
        wanted = rule.when.answers.get(question)
        named = {each.when.answers[question] for each in rules if question in each.when.answers}
        yield frozenset(named | {_OTHER} if wanted is None else {wanted})


def _ends(between: Between | None) -> tuple[time, ...]:
    return () if between is None else (between.begins, between.ends)
