"""Makes passwords, keys and configuration in one folder, and lays out for each container what it alone may know.

    passwords.json, keys/     everything; for the operator's command
    for/<container>/          what that container sees as /run/hehuo and nothing beside it; a file called HEHUO_…
                              becomes a variable of its environment (entrypoint.sh)

What was made once stays; everything that is derived from it is written anew, whole file by whole file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.gateway.__main__ import gateway, upstreams
from deploy.gateway.render import write as write_gateway
from deploy.local.folder import Folder, Passwords, write_whole
from deploy.local.keys import make_keys
from deploy.nats.__main__ import config as nats_config
from deploy.nats.permissions import OPERATOR
from shared.naming import SERVICES

SEEN_AS = "/run/hehuo"  # where a container finds its part
MONGO_ADMIN_HOST = (
    "127.0.0.1:27017"  # provisioning shares the database's network: its first user is made from there
)


def hand_out(root: Path, environment: Mapping[str, str]) -> None:
    """Write everything. `environment` holds the knobs of `python -m deploy.gateway` and `python -m deploy.nats`."""
    folder = Folder(root)
    folder.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = folder.passwords()
    jwks = make_keys(folder.keys).read_text("utf-8")
    for container, files in _files(passwords, environment).items():
        for name, text in files.items():
            _put(root / "for" / container / name, text)
    for container in (*SERVICES, "gateway"):  # public keys
        _put(root / "for" / container / "jwks.json", jwks)
    write_gateway(
        root / "for" / "gateway",
        gateway(environment),
        dns=upstreams(environment.get("HEHUO_GATEWAY_UPSTREAMS", "")),
    )


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(file, text, 0o400)


def _files(passwords: Passwords, environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Secret files by container."""
    admin = passwords.MONGO_ADMIN
    login = f"{admin}:{quote(passwords.mongo[admin], safe='')}"
    return {
        **{
            service: {
                "HEHUO_MONGO_PASSWORD": passwords.mongo[service],
                "HEHUO_NATS_PASSWORD": passwords.nats[service],
            }
            for service in SERVICES
        },
        "mongo": {"keyfile": passwords.keyfile},
        "nats": {"server.conf": _nats(passwords, environment)},
        "provision-mongo": {
            "HEHUO_MONGO_ADMIN_URL": f"mongodb://{login}@{MONGO_ADMIN_HOST}/",
            **{f"HEHUO_MONGO_{service.upper()}_PASSWORD": passwords.mongo[service] for service in SERVICES},
        },
        "provision-nats": {"HEHUO_NATS_OPERATOR_PASSWORD": passwords.nats[OPERATOR]},
    }


def _nats(passwords: Passwords, environment: Mapping[str, str]) -> str:
    """The configuration as anywhere; the variables that it names are set in its first lines, quoted, so that no
    password is taken for a number."""
    variables = [f'NATS_{user.upper()}_PASSWORD: "{password}"' for user, password in passwords.nats.items()]
    return "\n".join([*variables, nats_config(environment)])
