"""What can be set for dispatch.

Durations are ISO 8601 (`PT30M`) or seconds; a limit may also be working time: `1 workday`, `4 working hours`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from services.dispatch.domain.clocks.limits import GENERAL, Limit, Limits, Special
from services.dispatch.domain.clocks.record import Delay
from services.dispatch.domain.duty import LEVEL_OF
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.known import Known
from services.dispatch.domain.ground.survey import TerritoryFaulty
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.works.record import Checklists, ListedItem
from shared.calendar import Calendar, Within, WithinOrNone, Workdays, published
from shared.command import Code
from shared.duration import Duration
from shared.problems import NoSuchName, must_be_one_of
from shared.settings import EXAMPLE, TERRITORY_BYTES, Bytes, Count, ServiceSettings

_URGENCIES = ("emergency", "urgent", GENERAL)


_STAFF_ROLES = ("grid_worker", "building_leader", "branch_secretary", "community", "street", "district")


def _digits(said: Any) -> Any:
    if isinstance(said, str) and not re.fullmatch(r"[0-9]{1,6}(/[0-9]{1,6}|\.[0-9]{1,9})?", said):
        raise ValueError("a part is a fraction or a decimal: 2/3, 0.6")
    return said


def _roles(said: tuple[str, ...]) -> tuple[str, ...]:
    """Words of a district's own are allowed; one that is nearly a known one is a slip."""
    if missing := [role for role in LEVEL_OF if role not in said]:
        raise ValueError(f"every level has its people, and there is no {', '.join(missing)}")
    for role in said:
        if role not in _STAFF_ROLES and (near := get_close_matches(role, _STAFF_ROLES, 1, 0.88)):
            raise ValueError(f"there is no role {role}; is it {near[0]}?")
    return said


Part = Annotated[Fraction, BeforeValidator(_digits), Field(gt=0, le=1)]  # "2/3" or "0.6"


class Settings(ServiceSettings):
    service: ClassVar[str] = "dispatch"

    # a folder: divisions_<jurisdiction>.json, grids.geojson, outline.geojson, departments.json. They are the first
    # version; from then on what is in the database counts
    dispatch_territory: Path = EXAMPLE / "territory"
    dispatch_sliver: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = (
        10.0  # m² that areas may overlap or stick out: no fault
    )
    # of one import; the gateway's as well
    dispatch_territory_bytes: Bytes = TERRITORY_BYTES
    intake_categories: Path = (
        EXAMPLE / "categories.json"
    )  # what orders can be about: the file that intake has
    # what people of the staff can be
    dispatch_staff_roles: Annotated[tuple[Code, ...], AfterValidator(_roles)] = _STAFF_ROLES
    dispatch_checklists: Path = EXAMPLE / "checklists.json"  # what an acceptance check looks at, by category

    # until somebody has taken it; then the whistle climbs
    dispatch_take_emergency: Within = timedelta(hours=1)
    dispatch_take_urgent: Within = timedelta(hours=2)
    dispatch_take_general: Within = timedelta(hours=24)
    # until a level or a department has answered
    dispatch_answer_emergency: Within = timedelta(minutes=30)
    dispatch_answer_urgent: Within = timedelta(hours=2)
    dispatch_answer_general: Within = Workdays(1)
    # until whoever has it says how it stands; then the whistle climbs
    dispatch_handle_emergency: Within = timedelta(hours=4)
    dispatch_handle_urgent: Within = Workdays(1)
    dispatch_handle_general: Within = Workdays(5)
    dispatch_close: Within = Workdays(15)  # until it must have ended
    # what is not the usual: [{"limit": "answer", "level": "street", "category": "elevator", "within": "2 workdays"}]
    dispatch_special_limits: tuple[Special, ...] = ()
    # holidays, make-up workdays and working hours that the library does not have: see docs/operating.md
    dispatch_calendar: Path | None = None
    dispatch_deadlock: Within = Workdays(5)  # until a deadlock without a way out is supervised
    dispatch_supervision: Within = Workdays(5)  # until what is supervised must have moved
    dispatch_longest_deadline: Duration = timedelta(days=90)  # that a unit may promise or be given
    dispatch_overdue: Within = Workdays(1)  # after the end, until it is supervised; then again and again
    dispatch_reminder: Part = Fraction(3, 4)  # of a clock's time, then its reminder comes; 1: none
    dispatch_question: Within = timedelta(days=5)  # until the resident has answered; then the work goes on
    # the longest that can be asked for at once
    dispatch_longest_pause: Duration = timedelta(days=30)
    dispatch_longest_deferral: Duration = timedelta(days=180)
    dispatch_longest_extension: Duration = timedelta(days=30)
    dispatch_call: Duration = timedelta(days=15)  # of a call whose end nobody says
    dispatch_longest_call: Duration = timedelta(days=30)
    dispatch_round: Within = Workdays(5)  # of deliberation, whose end nobody says
    dispatch_longest_round: Duration = timedelta(days=30)
    dispatch_notice: WithinOrNone = Workdays(3)  # public notice of what was agreed; 0: none
    # until an objection is answered; then it counts as upheld
    dispatch_objection: Within = Workdays(2)
    # until the unit says what comes next after a round, a notice or a call without result; then the whistle climbs
    dispatch_returned: Within = Workdays(5)
    dispatch_check: Within = Workdays(2)  # until delivered work is checked; then the level above is asked too
    dispatch_rework: Within = Workdays(5)  # until it must have ended, when residents want it done again
    evaluation_window: Duration = timedelta(
        days=14
    )  # in which residents may say something: as evaluation has it

    dispatch_quorum: Part = Fraction(2, 3)  # of the households must say yes or no
    dispatch_threshold: Part = Fraction(2, 3)  # of those must say yes
    dispatch_whistles_kept: Annotated[int, Field(ge=1, le=1000)] = (
        10  # of each level, in the record of an order
    )
    dispatch_tasks: Annotated[int, Field(ge=1, le=50)] = 10  # that one order is split into
    dispatch_solved_lately: Duration = timedelta(
        days=10
    )  # so long an order that was solved can be named as the original
    dispatch_strikes: Count = 3  # refusals, or reworks, that raise supervision

    def read_files(self) -> None:
        self.first_ground()
        self.limits()

    def limits(self) -> Limits:
        """What the rules need to know: `dispatch_call` is the `call` of the limits. Raises as `calendar` does."""
        known = self.known()
        with self.naming("dispatch_special_limits"):
            for one in self.dispatch_special_limits:
                self._must_be_there(known.must_know_categories, (one.category,) if one.category else ())
                self._must_be_there(must_be_one_of, _URGENCIES, urgency=one.urgency or GENERAL)
        named = {one.name: f"dispatch_{one.name}" for one in fields(Limits)}
        set_here = {name: getattr(self, knob) for name, knob in named.items() if hasattr(self, knob)}
        usual = {
            limit: {urgency: getattr(self, f"dispatch_{limit}_{urgency}") for urgency in _URGENCIES}
            for limit in (Limit.TAKE, Limit.ANSWER, Limit.HANDLE)
        }
        delays = (Delay.PAUSE, Delay.DEFERRAL, Delay.EXTENSION)
        made_of_it = {
            "usual": {**usual, Limit.CLOSE: {GENERAL: self.dispatch_close}},
            "special": self.dispatch_special_limits,
            "window": self.evaluation_window,
            "longest_delay": {delay: getattr(self, f"dispatch_longest_{delay}") for delay in delays},
            "calendar": self.calendar(),
            "checklists": self.checklists(),
        }
        return Limits(**{**set_here, **made_of_it})

    def calendar(self) -> Calendar:
        """Raises ValueError when the file is not there or holds no calendar."""
        with self.naming("dispatch_calendar"):
            return published(self.dispatch_calendar, self.timezone)

    def checklists(self) -> Checklists:
        """Raises ValueError when the file is not there or holds no lists."""
        known = self.known()
        with self.naming("dispatch_checklists"):
            found = json.loads(self.dispatch_checklists.read_bytes())["checklists"]
            self._must_be_there(known.must_know_categories, tuple(found))
            return {
                name: tuple(ListedItem.model_validate(item) for item in items)
                for name, items in found.items()
            }

    def known(self) -> Known:
        """What may be named. Raises ValueError when the file is not there or holds no categories."""
        with self.naming("intake_categories"):
            listed = json.loads(self.intake_categories.read_bytes())["categories"]
            named = {one["code"]: _choices(one) for one in listed}
        return Known(named, frozenset(self.dispatch_staff_roles))

    @staticmethod
    def _must_be_there(rule: Callable[..., None], *of: Any, **named: str) -> None:
        try:
            rule(*of, **named)
        except NoSuchName as error:
            raise ValueError(error.detail) from error

    def first_ground(self) -> Ground:
        """The first version of everything, from the files. Raises ValueError when they do not hold it."""
        known = self.known()
        with self.naming("dispatch_territory"):
            return self._read_ground(known)

    def _read_ground(self, known: Known) -> Ground:
        def read(name: str) -> Any:
            return json.loads((self.dispatch_territory / name).read_bytes())

        features = [
            *read("outline.geojson")["features"],
            *_named_only(read(f"divisions_{self.jurisdiction}.json")),
            *read("grids.geojson")["features"],
        ]
        try:
            territory = Territory.surveyed(
                features, jurisdiction=self.jurisdiction, sliver=self.dispatch_sliver, version=1
            )
        except TerritoryFaulty as faulty:
            raise ValueError(faulty.detail) from faulty
        listed = read("departments.json")["departments"]
        departments = tuple([Department.model_validate(one, extra="forbid") for one in listed])
        for one in departments:
            self._must_be_there(known.must_know_categories, one.remit)
        return Ground(territory, departments, known=known)


def _choices(category: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """By question: what is written freely does not leave intake."""
    return {
        question["code"]: frozenset(choice["code"] for choice in question["choices"])
        for question in category.get("questions", ())
        if question.get("choices")
    }


def _named_only(divisions: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Streets and communities as features. The source has their Chinese names, and not where they are."""
    district = divisions["district"]["code"]
    for street in divisions["streets"]:
        path = f"{district}/{street['code']}"
        yield _named(path, street["name"])
        for community in street["communities"]:
            yield _named(f"{path}/{community['code']}", community["name"])


def _named(code: str, name: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": {"zh": name}}, "geometry": None}
