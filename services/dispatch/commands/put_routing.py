"""The district says who has an order first → the next version of the routing rules."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.department import find_department
from services.dispatch.domain.ground.routing import PutRouting, Routing, RuleTwice, repeated
from services.dispatch.domain.ground.staff import must_see_what_lies_in
from services.dispatch.domain.ground.unit import find_unit
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def put_routing(command: PutRouting, books: Books, asked: Asked) -> Routing:
    """The rules as they are then. Whom one that is new names is there, and sees where the rule is asked.

    Raises RuleTwice, NoSuchName, UnknownDepartment, UnknownPerson, NotOfTheArea, Changed.
    """
    ground = await books.governed_by(asked.caller)
    asked.must_expect(ground.routing.version)
    twice = repeated(command.rules)
    if twice is not None:
        raise RuleTwice(twice)
    new = [
        rule for rule in command.rules if rule not in ground.routing.rules
    ]  # what was kept before stays as it is
    named = await books.staff.many({rule.then.unit for rule in new if rule.then.unit})
    people = {one.value.id: one.value for one in named}
    for rule in new:
        ground.known.must_know_rule(rule, ground.territory)
        if rule.then.department is not None:
            find_department(ground.departments, rule.then.department)
        if rule.then.unit is not None:
            where = rule.when.area or ground.territory.code
            must_see_what_lies_in(where, people.get(rule.then.unit), rule.then.unit)
        if rule.then.lead is not None:
            find_unit(rule.then.lead, ground.departments, ground.territory.code)
    if command.rules == ground.routing.rules:
        return ground.routing
    await books.write_rules(command.rules, asked)
    return Routing(command.rules, ground.routing.version + 1)
