"""Every message has one sender and named listeners, and the source tree says so."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from deploy.docs.flow import causes, sources
from deploy.docs.places import ROOT
from deploy.docs.reach import Sources
from shared.contracts.message import Message
from shared.contracts.registry import heard_by
from shared.naming import SERVICES
from tests.contract.told import MESSAGES, named, service

every_message = pytest.mark.parametrize("message", MESSAGES, ids=named)
every_service = pytest.mark.parametrize("name", SERVICES)


def _latest(message: type[Message]) -> bool:
    return message.version == max(
        one.version for one in MESSAGES if (one.sender, one.name) == (message.sender, message.name)
    )


@every_message
def test_a_message_is_made_in_its_senders_service_only(message: type[Message]) -> None:
    """An old version may have no sender any more; histories still hold it."""
    makers = [name for name in SERVICES if message.__name__ in sources(name).makes()]
    assert makers == [message.sender] or (makers == [] and not _latest(message))


@every_message
def test_something_leads_to_it(message: type[Message]) -> None:
    told_by = [cause.name for cause in causes(message.sender) if message in cause.tells]
    assert told_by or not _latest(message), f"no command, reaction or clock ever says {named(message)}"


@every_message
def test_it_has_listeners_and_none_is_its_sender(message: type[Message]) -> None:
    assert message.heard_by, f"nobody hears {named(message)}: why is it said?"
    assert set(message.heard_by) <= set(SERVICES) - {message.sender}
    assert len(set(message.heard_by)) == len(message.heard_by)


@every_service
def test_a_service_has_one_reaction_file_for_each_message_that_it_hears_and_no_other(name: str) -> None:
    wanted = {f"on_{message.name}" for messages in heard_by(name).values() for message in messages}
    files = {file.stem for file in (ROOT / "services" / name / "reactions").glob("*.py")} - {"__init__"}
    assert files == wanted
    for file in sorted(files):
        assert callable(getattr(import_module(f"services.{name}.reactions.{file}"), file))


@every_service
def test_the_table_of_reactions_holds_exactly_what_the_service_hears(name: str) -> None:
    wanted = {message for messages in heard_by(name).values() for message in messages}
    assert set(service(name).reactions) == wanted


def test_a_message_made_elsewhere_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "intake"
    folder.mkdir(parents=True)
    (folder / "api.py").write_text(
        "from shared.contracts.from_partners.claim_made import ClaimMadeV1 as Made\n"
        "def answer() -> object:\n    return helper()\n"
        "def helper() -> object:\n    return Made(round=1)\n",
        "utf-8",
    )
    found = Sources("intake", tmp_path)
    assert found.makes() == {"ClaimMadeV1"}
    assert found.tells("services.intake.api", "answer") == ["ClaimMadeV1"]
