"""What docker-compose.yml promises, read from the file: nothing secret in it, nothing open, nobody root."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.docker.handout import hand_out
from deploy.gateway.__main__ import upstreams
from deploy.local.folder import Folder, Passwords
from deploy.local.parts import mongod as local_mongod
from deploy.local.parts import service as local_service
from shared.naming import SERVICES

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (PROJECT / "deploy/docker/Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
STAYING = [name for name, part in PARTS.items() if part["restart"] != "no"]
ALL_SECRETS = {"init", "ctl"}  # one makes them, the other is the operator

every_part = pytest.mark.parametrize("name", PARTS)
every_staying_part = pytest.mark.parametrize("name", STAYING)


def mounts(name: str) -> list[dict[str, Any]]:
    """The volumes of a part, all in the long form."""
    found = []
    for volume in PARTS[name].get("volumes", []):
        if isinstance(volume, str):
            source, target, *mode = volume.split(":")
            found.append({"source": source, "target": target, "read_only": mode == ["ro"]})
        else:
            found.append(volume)
    return found


# ── what is locked ─────────────────────────────────────────────────────────────────────────────────────────────────


@every_part
def test_nobody_is_root_and_nobody_becomes_root(name: str) -> None:
    part = PARTS[name]
    user, group = part["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert part["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in part["security_opt"]
    assert not part.keys() & {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"}


@every_part
def test_only_named_volumes_and_tmp_are_written(name: str) -> None:
    part = PARTS[name]
    assert part["read_only"] is True
    assert any(one.startswith("/tmp") for one in part["tmpfs"])
    for mount in mounts(name):
        assert mount["source"] in COMPOSE["volumes"], "a folder of the host"


def test_only_the_gateway_is_seen_and_only_from_this_machine() -> None:
    assert [name for name, part in PARTS.items() if "ports" in part] == ["gateway"]
    for port in PARTS["gateway"]["ports"]:
        assert port.startswith("127.0.0.1:")
    assert not any(part.get("network_mode") == "host" for part in PARTS.values())


def test_the_lists_cannot_be_reached_from_the_edge() -> None:
    assert COMPOSE["networks"]["lists"]["internal"] is True
    for name in ("mongo", "nats"):
        assert PARTS[name]["networks"] == ["lists"]
    for name in ("gateway", "web"):
        assert PARTS[name]["networks"] == ["edge"]


# ── what is secret ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_holds_no_secret() -> None:
    for name, part in PARTS.items():
        for variable in part.get("environment", {}):
            assert not re.search("PASSWORD|SECRET|TOKEN|ADMIN_URL|PRIVATE", variable), f"{name}: {variable}"
    assert not re.search(r"//[^/\s@]+:[^/\s@]+@", TEXT), "credentials in an address"
    assert not re.search(r"[0-9a-f]{32}|BEGIN [A-Z ]*KEY", TEXT)


@every_part
def test_a_container_sees_its_own_secrets_only(name: str) -> None:
    for mount in mounts(name):
        if mount["source"] == "secrets" and name != "init":
            assert mount["read_only"] is True
            assert name in ALL_SECRETS or mount["volume"]["subpath"] == f"for/{name}"


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("secrets")
    hand_out(root, {})
    return root


def given(root: Path) -> dict[Path, str]:
    return {file.relative_to(root): file.read_text("utf-8") for file in root.rglob("*") if file.is_file()}


def test_every_container_is_given_its_part(handed_out: Path) -> None:
    wanted = {name for name in PARTS if name not in ALL_SECRETS and mounts(name)}
    assert {each.name for each in (handed_out / "for").iterdir()} == wanted


def test_a_password_is_given_to_its_owner_and_to_who_makes_the_user(handed_out: Path) -> None:
    passwords = Folder(handed_out).passwords()
    files = given(handed_out / "for")
    for service in SERVICES:
        holders = {file.parts[0] for file, text in files.items() if passwords.mongo[service] in text}
        assert holders == {service, "provision-mongo"}
        holders = {file.parts[0] for file, text in files.items() if passwords.nats[service] in text}
        assert holders == {service, "nats"}
    signing = Folder(handed_out).keys / "demo.pem"
    assert not any(signing.read_text("utf-8") in text for text in files.values())


def test_secret_files_are_read_by_their_owner_only(handed_out: Path) -> None:
    for file in (handed_out / "for").rglob("*"):
        if file.is_file() and "gateway" not in file.parts:
            assert file.stat().st_mode & 0o777 == 0o400, file


def test_handing_out_again_changes_no_password_and_no_key(tmp_path: Path) -> None:
    hand_out(tmp_path, {})
    before = given(tmp_path)
    hand_out(tmp_path, {})
    assert given(tmp_path) == before


# ── what stays up ──────────────────────────────────────────────────────────────────────────────────────────────────


@every_staying_part
def test_what_stays_is_watched_bounded_and_stopped_gently(name: str) -> None:
    part = PARTS[name]
    assert part["restart"] == "unless-stopped"
    assert part["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= part["healthcheck"].keys()
    assert {"memory", "pids"} <= part["deploy"]["resources"]["limits"].keys()
    assert "stop_grace_period" in part
    assert part["logging"]["options"].keys() >= {"max-size", "max-file"}


@every_part
def test_dependencies_say_what_they_wait_for(name: str) -> None:
    for other, how in PARTS[name].get("depends_on", {}).items():
        once = other not in STAYING
        assert how["condition"] in (
            {"service_completed_successfully"} if once else {"service_healthy", "service_started"}
        )


# ── what it is made of ─────────────────────────────────────────────────────────────────────────────────────────────


def test_images_are_named_by_version_and_not_by_digest() -> None:
    for part in PARTS.values():
        name, _, tag = part["image"].partition(":")
        assert name
        assert tag not in {"", "latest"}
    for text in (TEXT, DOCKERFILE):
        assert "@sha256" not in text
        assert not re.search(r"^#\s*syntax\s*=", text, re.MULTILINE)


def test_the_image_is_built_from_the_lock_and_is_not_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "requirements/run.txt" in DOCKERFILE
    assert "dev.txt" not in DOCKERFILE
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert [":".join(user) for user in users] == [PARTS["intake"]["user"]]
    assert "HEALTHCHECK" in DOCKERFILE


def test_only_what_runs_goes_into_the_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    wanted = {line[1:] for line in rules if line.startswith("!")}
    assert wanted == {"LICENSE", "requirements", "deploy", "services", "shared"}


# ── the same as on one machine ─────────────────────────────────────────────────────────────────────────────────────


def test_services_run_with_the_flags_they_have_on_one_machine() -> None:
    command = list(local_service.service("intake", "intake.0", 8000, {}).command)
    application, flags = command[command.index("--factory") + 1], command[command.index("--factory") + 2 :]
    assert PARTS["intake"]["command"] == ["uvicorn", application]
    wanted = {"FACTORY": "true"}
    while flags:
        flag = flags.pop(0).removeprefix("--")
        if flag.startswith("no-"):
            wanted[flag[3:].upper().replace("-", "_")] = "false"
        else:
            wanted[flag.upper().replace("-", "_")] = flags.pop(0)
    wanted["HOST"] = "0.0.0.0"
    assert dict(re.findall(r"UVICORN_([A-Z_]+)=(\S+)", DOCKERFILE)) == wanted


def test_the_database_runs_with_the_flags_it_has_on_one_machine(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    local = " ".join(local_mongod.mongod(Path("mongod"), folder, 27017, Passwords.fresh()).command)
    here = " ".join(PARTS["mongo"]["command"]).replace("=", " ")
    kept = re.findall(
        r"--(?:replSet|networkMessageCompressors|setParameter) \S+|--auth|--nounixsocket|--keyFile", local
    )
    assert len(kept) >= 6
    for flag in kept:
        assert flag.replace("=", " ") in here, flag


def test_without_a_name_it_is_a_district_where_nothing_is_made_up() -> None:
    for service in SERVICES:
        (file,) = PARTS[service][
            "env_file"
        ]  # one that is not there stops the start: a mistyped one is no default
        assert file == "${HEHUO_ENV_FILE:-deploy/docker/district.env}"
    district = (PROJECT / "deploy/docker/district.env").read_text("utf-8")
    assert all(line.startswith("#") for line in district.splitlines())
    assert "HEHUO_PARTNERS_PARTNERS=" in (PROJECT / "deploy/demo/demo.env").read_text("utf-8")


def test_the_gateway_finds_every_upstream_by_the_name_of_its_service() -> None:
    for name, (host, port) in upstreams("").items():
        assert host == name
        assert name in PARTS
        assert f"UVICORN_PORT={port}" in DOCKERFILE


# ── the health check itself ────────────────────────────────────────────────────────────────────────────────────────


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _healthy(*words: str) -> bool:
    check = PROJECT / "deploy/docker/healthy.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", check, *words], check=False, timeout=10, capture_output=True
    )
    return done.returncode == 0


def test_a_container_is_healthy_when_it_says_that_it_is_ready(port: int) -> None:
    assert _healthy("/readyz", str(port))
    assert not _healthy("/busy", str(port))


def test_a_container_that_does_not_answer_is_not_healthy() -> None:
    assert not _healthy("/readyz", "1")
