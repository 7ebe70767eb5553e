"""mongod: a replica set of one, with users, on this machine's own address only."""

from __future__ import annotations

from pathlib import Path

from deploy.local.folder import Folder, Passwords
from deploy.local.parts.part import Part
from deploy.local.probe import listens
from deploy.mongo.provision import SET, TRANSACTION_SECONDS, make_replica_set


def url(port: int) -> str:
    """Where clients find it; without credentials."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={SET}"


def mongod(binary: Path, folder: Folder, port: int, passwords: Passwords) -> Part:
    keyfile = folder.keys / "mongo.key"
    if not keyfile.exists():
        keyfile.touch(mode=0o600)
        keyfile.write_text(passwords.keyfile, "utf-8")
        keyfile.chmod(0o400)

    async def prepare() -> None:
        admin = passwords.MONGO_ADMIN
        member = f"127.0.0.1:{port}"
        await make_replica_set(f"mongodb://{member}/", member, admin, passwords.mongo[admin])

    return Part(
        name="mongod",
        command=[
            str(binary),
            *("--dbpath", str(folder.mongo)),
            *("--port", str(port)),
            *("--bind_ip", "127.0.0.1"),
            *("--replSet", SET),
            *("--keyFile", str(keyfile)),
            "--auth",
            *("--wiredTigerCacheSizeGB", "0.25"),
            *(
                "--networkMessageCompressors",
                "snappy,zstd",
            ),  # this version's zlib leaks memory: CVE-2025-14847
            *("--oplogSize", "256"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
            *("--slowms", "2147483647"),  # it would log slow writes with what is written: personal data
            "--nounixsocket",
        ],
        port=port,
        folder=folder.mongo,
        ready=lambda: listens(port),
        prepare=prepare,
        stops_within=30.0,
        starts_within=120.0,  # it may have a journal to read
    )
