"""The settings of all services: which names there are, and which of their files are still the example's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from deploy.local.refusal import Refused
from shared.naming import SERVICES
from shared.settings import ServiceSettings, examples_of, must_be_known, names_of

DEMO = Path(__file__).parents[1] / "demo" / "demo.env"


def every_settings() -> list[type[ServiceSettings]]:
    return [import_module(f"services.{service}.settings").Settings for service in SERVICES]


def check_names(environment: Mapping[str, str]) -> None:
    """Raises Refused for a name of ours that nobody reads."""
    try:
        must_be_known(environment, frozenset(name for kind in every_settings() for name in names_of(kind)))
    except ValueError as error:
        said = str(error).rstrip("?")
        raise Refused(f"{said[0].upper()}{said[1:]}{'?' if said != str(error) else '.'}") from None


def examples(environment: Mapping[str, str]) -> list[str]:
    """The settings whose files a district has to replace by its own."""
    return sorted({name for kind in every_settings() for name in examples_of(kind, environment)})


def for_stories(environment: Mapping[str, str]) -> dict[str, str]:
    """What is set for the demonstration, as far as the environment does not say otherwise."""
    lines = (line.split("=", 1) for line in DEMO.read_text("utf-8").splitlines() if line[:1].isalpha())
    return {name: environment.get(name, value) for name, value in lines}
