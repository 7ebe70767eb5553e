"""A service's own NATS and MongoDB credentials are refused for everything that is another's, and serve for its own."""

from __future__ import annotations

from shared.naming import SERVICES
from tests.faults.credentials_mongo import try_database
from tests.faults.credentials_nats import try_bus, try_reply_addresses
from tests.faults.harness import EVERYTHING, Given, Verdict


async def prove(given: Given, verdict: Verdict) -> None:
    async with given.system(only=[part for part in EVERYTHING if part != "gateway"]) as system:
        # Nobody else may pull what the proof pulls, and nobody acts on what it says in their names.
        for service in SERVICES:
            await system.stop_part(service)
        on_bus = await try_bus(system, verdict)
        given.say(f"the bus: {on_bus.refused} attempts refused, {on_bus.own} of one's own done")
        in_database = await try_database(system, verdict)
        given.say(
            f"the database: {in_database.refused} attempts refused, {in_database.own} of one's own done"
        )
        by_reply = await try_reply_addresses(system, verdict)
        given.say(f"answers led astray: {by_reply.refused} attempts came to nothing")
    for what, count in (("NATS", on_bus), ("MongoDB", in_database), ("reply addresses", by_reply)):
        verdict.figure(f"{what} {count.refused} of {count.tried} refused")
    verdict.figure(f"{on_bus.own + in_database.own} of one's own done")
