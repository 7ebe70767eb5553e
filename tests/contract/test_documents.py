"""The documents say what the code does; what was released does not change; every refusal is documented."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.docs import make, openapi, problems, schemas
from deploy.docs.envelope import schema, shape_of
from deploy.docs.flow import endpoints, sources
from deploy.docs.places import GENERATED
from shared.naming import SERVICES
from shared.problems import RuleBroken
from tests.contract.told import MESSAGES, named


def generated(name: str) -> Any:
    return json.loads((GENERATED / name).read_bytes())


def test_every_document_is_what_the_code_says() -> None:
    assert make.drift() == []


def test_drift_is_noticed_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    flow = tmp_path / "flow.md"
    flow.write_text("yesterday's", "utf-8")
    monkeypatch.setattr(make, "made", lambda: {flow: "today's", tmp_path / "new.md": "new"})
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "GENERATED", tmp_path / "generated")
    found = [line for line in make.drift() if line.startswith(("flow.md", "new.md"))]
    assert found == [
        "flow.md: is not what the code says; write it anew with python -m deploy.docs",
        "new.md: is missing; write it with python -m deploy.docs",
    ]


# ── released messages ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("message", MESSAGES, ids=named)
def test_a_released_message_has_the_shape_that_was_exported(message: Any) -> None:
    exported = json.loads(schemas.file_of(message).read_bytes())
    exported.pop("$schema")
    assert shape_of(schema(message)) == shape_of(exported)


def test_a_changed_message_is_noticed_and_its_schema_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = MESSAGES[0]
    before = generated(f"schemas/{schemas.file_of(message).name}")
    before["$defs"][message.__name__]["properties"]["gone"] = {"type": "string"}
    file = tmp_path / schemas.file_of(message).name
    file.write_text(json.dumps(before), "utf-8")
    (tmp_path / "intake.never_said.v1.json").write_text("{}", "utf-8")
    monkeypatch.setattr(schemas, "_FOLDER", tmp_path)
    monkeypatch.setattr(schemas, "_shown", lambda file: file.name)
    assert schemas.schemas()[file] == before
    first, second = schemas.changed()
    assert first.startswith(f"{file.name}: {message.__name__} is not what was exported.")
    assert second == "intake.never_said.v1.json: the class of this message is gone, and histories may hold it"


def test_words_may_be_made_better_without_a_new_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = MESSAGES[0]
    before = generated(f"schemas/{schemas.file_of(message).name}")
    before["description"] = "as it was said before"
    (tmp_path / schemas.file_of(message).name).write_text(json.dumps(before), "utf-8")
    monkeypatch.setattr(schemas, "_FOLDER", tmp_path)
    assert list(schemas.changed()) == []


@pytest.mark.parametrize("message", MESSAGES, ids=named)
def test_every_field_says_what_it_means(message: Any) -> None:
    said = schema(message)
    bodies = {"the body": said, **said["$defs"]}
    silent = [
        f"{name}.{field}"
        for name, body in bodies.items()
        for field, shape in body.get("properties", {}).items()
        if not shape.get("description") and field not in ("data", "id")
    ]
    assert not silent, f"write a comment beside {silent}, or a word in deploy/docs/words.py"


# ── the two big ones ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["openapi.json", "asyncapi.json", *(f"openapi/{one}.json" for one in SERVICES)]
)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = generated(name)

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(reference := value.get("$ref"), str):
                target = document
                for step in reference.removeprefix("#/").split("/"):
                    target = target[step]
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)

    look(document)


def test_the_joined_document_has_every_route_once() -> None:
    joined = generated("openapi.json")
    wanted = [(method.lower(), path) for service in SERVICES for method, path, _ in endpoints(service)]
    assert sorted((method, path) for method, path, _ in openapi.operations(joined)) == sorted(wanted)
    ids = Counter(operation["operationId"] for _, _, operation in openapi.operations(joined))
    assert ids.most_common(1)[0][1] == 1


def test_schemas_that_differ_under_one_name_are_told_apart() -> None:
    joined = generated("openapi.json")
    for service in SERVICES:
        own = generated(f"openapi/{service}.json")["components"]["schemas"]
        for name, body in own.items():
            renamed = f"{service.capitalize()}{name}"
            kept = joined["components"]["schemas"].get(renamed) or joined["components"]["schemas"][name]
            assert shape_of(kept).get("properties", {}).keys() == shape_of(body).get("properties", {}).keys()


def test_every_message_stands_in_asyncapi_with_its_sender_and_its_listeners() -> None:
    operations = generated("asyncapi.json")["operations"]
    wanted = {named(message): "send" for message in MESSAGES}
    wanted |= {
        f"{listener}.hears.{named(message)}": "receive"
        for message in MESSAGES
        for listener in message.heard_by
    }
    assert {name: operation["action"] for name, operation in operations.items()} == wanted


# ── refusals ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_two_problems_have_the_same_slug() -> None:
    def all_below(kind: type[RuleBroken]) -> list[type[RuleBroken]]:
        return [kind, *(one for sub in kind.__subclasses__() for one in all_below(sub))]

    problems.classes()  # loads the services
    ours = [kind for kind in all_below(RuleBroken) if kind.__module__.startswith(("services.", "shared."))]
    slugs = Counter(kind.slug() for kind in dict.fromkeys(ours))
    assert [slug for slug, times in slugs.items() if times > 1] == []


def test_the_gateway_calls_a_problem_as_the_services_do() -> None:
    """A type's title never changes, whoever answers it."""
    ours = {kind.slug(): (kind.title(), kind.status) for kind in problems.classes()}
    for slug, title, status in problems.gateway_problems():
        assert ours.get(slug, (title, status)) == (title, status)


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_documents_every_refusal_that_its_rules_can_come_to(service: str) -> None:
    known = {kind.__name__: kind.slug() for kind in problems.classes()}
    documented = {
        (method.upper(), path): set(openapi.problems_of(operation))
        for method, path, operation in openapi.operations(openapi.of_service(service))
    }
    silent = {}
    for method, path, endpoint in endpoints(service):
        refuses = {known[name] for name in sources(service).refuses(*endpoint) if name in known}
        if missing := refuses - documented[(method, path)]:
            silent[f"{method} {path}"] = sorted(missing)
    assert silent == {}


def test_no_route_documents_a_problem_that_does_not_exist() -> None:
    known = {problem.slug for problem in problems.problems()}
    for service in SERVICES:
        for method, path, operation in openapi.operations(openapi.of_service(service)):
            assert set(openapi.problems_of(operation)) <= known, f"{method} {path}"
