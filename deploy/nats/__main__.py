"""`python -m deploy.nats config` prints a server's configuration; `… provision` makes the streams.

Both are told by the environment, as compose gives it:

HEHUO_NATS_URL                 servers, separated by commas (provision)
HEHUO_NATS_OPERATOR_PASSWORD   of the user `operator` (provision)
HEHUO_NATS_REPLICAS            copies of each stream, default 1 (provision)
HEHUO_NAMESPACE                default empty
HEHUO_NATS_LISTEN, HEHUO_NATS_MONITOR, HEHUO_NATS_STORE, HEHUO_NATS_NAME, HEHUO_NATS_SIZE,
HEHUO_NATS_CLUSTER, HEHUO_NATS_ROUTES (config)

In the printed configuration the passwords are references to `NATS_<USER>_PASSWORD` of the server's environment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

import nats

from deploy.local.refusal import Refused, number
from deploy.nats.config import Server, render
from deploy.nats.permissions import OPERATOR, everybody, inbox
from deploy.nats.provision import provision
from shared.naming import Names


def config(environment: Mapping[str, str]) -> str:
    """The configuration of a server that stands in a container; see the module for the names."""
    get = environment.get
    server = Server(
        listen=get("HEHUO_NATS_LISTEN", "0.0.0.0:4222"),
        monitor=get("HEHUO_NATS_MONITOR", "0.0.0.0:8222"),
        store=get("HEHUO_NATS_STORE", "/data"),
        name=get("HEHUO_NATS_NAME", "hehuo"),
        size=get("HEHUO_NATS_SIZE", "16GB"),
        cluster=get("HEHUO_NATS_CLUSTER", ""),
        routes=[route for route in get("HEHUO_NATS_ROUTES", "").split(",") if route],
    )
    names = Names(get("HEHUO_NAMESPACE", ""))
    return render(server, {user: f"$NATS_{user.upper()}_PASSWORD" for user in everybody(names)}, names)


async def _provision(environment: Mapping[str, str]) -> None:
    nc = await nats.connect(
        environment["HEHUO_NATS_URL"].split(","),
        user=OPERATOR,
        password=environment["HEHUO_NATS_OPERATOR_PASSWORD"],
        inbox_prefix=inbox(OPERATOR),
        connect_timeout=5,
        max_reconnect_attempts=60,
    )
    try:
        names = Names(environment.get("HEHUO_NAMESPACE", ""))
        await provision(nc, names, replicas=number(environment, "HEHUO_NATS_REPLICAS", 1, most=5))
    finally:
        await nc.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.nats", description=__doc__)
    parser.add_argument("what", choices=["config", "provision"], nargs="?", default="provision")
    if parser.parse_args().what == "config":
        sys.stdout.write(config(os.environ))
    else:
        try:
            asyncio.run(_provision(os.environ))
        except Refused as error:
            sys.exit(f"hehuo: {error}")
        sys.stdout.write("streams and consumers are there\n")


if __name__ == "__main__":
    main()
