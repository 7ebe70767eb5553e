"""The district says who has an order first → the next version of the routing rules."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.department import find_department
from services.dispatch.domain.ground.routing import PutRouting, Routing, RuleTwice, repeated
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def put_routing(command: PutRouting, books: Books, asked: Asked) -> Routing:
    """The rules as they are then. Raises RuleTwice, NoSuchName, UnknownDepartment, Changed."""
    ground = await books.governed_by(asked.caller)
    asked.must_expect(ground.routing.version)
    twice = repeated(command.rules)
    if twice is not None:
        raise RuleTwice(twice)
    for rule in command.rules:
        ground.known.must_know_rule(rule, ground.territory)
        if rule.then.department is not None:
            find_department(ground.departments, rule.then.department)
    if command.rules == ground.routing.rules:
        return ground.routing
    await books.write_rules(command.rules, asked)
    return Routing(command.rules, ground.routing.version + 1)
