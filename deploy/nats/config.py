"""Writes the server's configuration from the one template `server.conf`, and checks that a server obeys it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from deploy.nats.permissions import Permissions, everybody
from shared.naming import Names

_FROM_ENVIRONMENT = re.compile(r"^\$[A-Z][A-Z0-9_]*$")

# How long a service may take to answer `tell_again` for its whole history.
ANSWER_WITHIN = "15m"


class NotDurable(Exception):
    """The NATS server does not write each message to disk before it acknowledges it."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where one server listens and keeps its streams. `size` is an amount as NATS writes it, e.g. `16GB`."""

    listen: str
    monitor: str
    store: str
    name: str = "hehuo"
    size: str = "16GB"
    pid_file: str = ""
    cluster: str = ""  # a server's own address for the others, e.g. 0.0.0.0:6222; empty: it stands alone
    routes: Sequence[str] = ()  # the others' addresses


def _text(value: str) -> str:
    """A quoted string; `$NAME` stays bare, so that the server reads it from its own environment."""
    return value if _FROM_ENVIRONMENT.match(value) else json.dumps(value)


def _user(name: str, password: str, may: Permissions) -> str:
    def subjects(of: Sequence[str]) -> str:
        return "[" + ", ".join(json.dumps(subject) for subject in of) + "]"

    return "\n".join(
        [
            "    {",
            f"      user: {_text(name)}",
            f"      password: {_text(password)}",
            "      permissions: {",
            f"        publish: {{ allow: {subjects(may.publish)} }}",
            f"        subscribe: {{ allow: {subjects(may.subscribe)} }}",
            f'        allow_responses: {{ max: 1, expires: "{ANSWER_WITHIN}" }}',
            "      }",
            "    }",
        ]
    )


def _cluster(server: Server) -> str:
    if not server.cluster:
        return ""
    routes = "\n".join(f"    {json.dumps(f'nats-route://{route}')}" for route in server.routes)
    return f"cluster {{\n  name: hehuo\n  listen: {server.cluster}\n  routes: [\n{routes}\n  ]\n}}"


def render(server: Server, passwords: Mapping[str, str], names: Names | None = None) -> str:
    """The configuration file of one server.

    `passwords` names every user of `permissions.everybody`: a password, a bcrypt hash, or `$NAME` for a variable of
    the server's environment. Raises KeyError when one is missing.
    """
    template = Template((Path(__file__).parent / "server.conf").read_text("utf-8"))
    users = [_user(name, passwords[name], may) for name, may in everybody(names or Names()).items()]
    text = template.substitute(
        name=_text(server.name),
        listen=_text(server.listen),
        monitor=_text(server.monitor),
        pid_file=_text(server.pid_file),
        store=_text(server.store),
        size=server.size,
        cluster=_cluster(server),
        users="\n".join(users),
    )
    return text if server.pid_file else re.sub(r"^pid_file:.*\n", "", text, flags=re.MULTILINE)


def check_durable(varz: Mapping[str, Any]) -> None:
    """Raises NotDurable unless a server's `/varz` says that JetStream is on and syncs always."""
    jetstream = varz.get("jetstream", {}).get("config", {})
    if not jetstream:
        raise NotDurable("The NATS server runs without JetStream")
    if not jetstream.get("sync_always"):
        raise NotDurable(
            "The NATS server runs without `sync_interval: always`: a power cut could lose messages"
        )
