"""Every message has one sender and named listeners, and the sources say so."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from deploy.docs.flow import HEARD, causes, endpoints, sources
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
    assert told_by or not _latest(message), f"no route, reaction or clock ever says {named(message)}"


@every_message
def test_it_has_listeners_and_none_is_its_sender(message: type[Message]) -> None:
    assert message.heard_by, f"nobody hears {named(message)}: why is it said?"
    assert set(message.heard_by) <= set(SERVICES) - {message.sender}
    assert len(set(message.heard_by)) == len(message.heard_by)


@every_service
def test_the_flow_shows_each_message_that_a_service_hears_once_and_no_other(name: str) -> None:
    wanted = {f"on_{message.name}" for messages in heard_by(name).values() for message in messages}
    found = [cause for cause in causes(name) if cause.kind == HEARD]
    assert sorted(cause.name for cause in found) == sorted(wanted)
    for cause in found:
        module, rule = cause.does
        at = import_module(module)  # the rule that the row names, or the table that says all there is to say
        assert callable(getattr(at, rule)) if rule else module == f"services.{name}.bus"


@every_service
def test_the_table_of_reactions_holds_exactly_what_the_service_hears(name: str) -> None:
    wanted = {message for messages in heard_by(name).values() for message in messages}
    assert set(service(name).reactions) == wanted


def test_a_message_made_elsewhere_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "intake"
    folder.mkdir(parents=True)
    (folder / "api.py").write_text(
        "from shared.contracts.from_partners.claims import ClaimMadeV1 as Made\n"
        "def answer() -> object:\n    return helper()\n"
        "def helper() -> object:\n    return Made(round=1)\n",
        "utf-8",
    )
    found = Sources("intake", tmp_path)
    assert found.makes() == {"ClaimMadeV1"}
    assert found.tells(found.functions[("services.intake.api", "answer")]) == ["ClaimMadeV1"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("{ClaimMadeV1: take}", "take"),
        ("{said.ClaimMadeV1: partial(take, limits=limits)}", "take"),
        ("{ClaimMadeV1: lambda order, heard: taking.take(order, heard.data)}", "take"),
        ("{ClaimMadeV1: on_ground(take)}", "take"),
        ("dict([row(said.ClaimMadeV1, lambda it: Progress.TAKEN if it.lines else None)])", None),
    ],
)
def test_a_row_of_the_table_is_read_in_whatever_form_it_stands(
    row: str, rule: str | None, tmp_path: Path
) -> None:
    folder = tmp_path / "services" / "intake"
    (folder / "domain").mkdir(parents=True)
    (folder / "bus.py").write_text(
        "from services.intake.domain import taking\n"
        "from services.intake.domain.taking import Progress, take\n"
        "from shared.contracts import from_partners as said\n"
        "from shared.contracts.from_partners import ClaimMadeV1\n"
        f"def reactions(limits):\n    return {row}\n",
        "utf-8",
    )
    (folder / "domain" / "taking.py").write_text(
        "from shared.contracts import from_intake as ours\n"
        "def take(order, said) -> Decision[Order]:\n    return decided(order, ours.OrderAmendedV1())\n",
        "utf-8",
    )
    found = Sources("intake", tmp_path)
    assert list(found.reactions) == ["ClaimMadeV1"]
    [read] = found.reactions.values()
    assert found.tells(read) == (["OrderAmendedV1"] if rule else [])
    assert found.named(read, "domain")[:1] == ([("services.intake.domain.taking", rule)] if rule else [])
    assert read.members("Progress") == ([] if rule else ["TAKEN"])


@every_service
def test_every_route_that_changes_something_is_a_cause(name: str) -> None:
    changing = {f"{method} {path}" for method, path, _ in endpoints(name) if method != "GET"}
    asked = [route for cause in causes(name) for route in cause.routes]
    assert set(asked) >= changing
    assert len(set(asked)) == len(asked)
    assert all(cause.says for cause in causes(name) if cause.routes)
