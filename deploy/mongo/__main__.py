"""`python -m deploy.mongo` makes the replica set and the services' users, as the environment says.

HEHUO_MONGO_ADMIN_URL         where the server is, with the credentials of a user administrator
HEHUO_MONGO_MEMBER            host:port of the one member as others know it; makes the replica set if there is none,
                              for which the address above must be the server's own loopback: before there is a
                              user, mongod trusts nobody else. Leave it out where the set is made by others
HEHUO_MONGO_<SERVICE>_PASSWORD  one for each service
HEHUO_NAMESPACE               default empty
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from pymongo.uri_parser import parse_uri

from deploy.mongo.provision import make_replica_set, provision
from shared.naming import SERVICES, Names


async def run(environment: Mapping[str, str]) -> None:
    url = environment["HEHUO_MONGO_ADMIN_URL"]
    names = Names(environment.get("HEHUO_NAMESPACE", ""))
    if member := environment.get("HEHUO_MONGO_MEMBER"):
        admin = parse_uri(url)
        host, port = admin["nodelist"][0]
        await make_replica_set(f"mongodb://{host}:{port}/", member, admin["username"], admin["password"])
    passwords = {service: environment[f"HEHUO_MONGO_{service.upper()}_PASSWORD"] for service in SERVICES}
    await provision(url, passwords, names)


if __name__ == "__main__":
    asyncio.run(run(os.environ))
    sys.stdout.write("the database has its users\n")
