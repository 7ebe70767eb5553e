"""The settings of all services: their names, whether they are good, and which files are still the example's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from pydantic_settings import SettingsError

from deploy.local.refusal import Refused
from shared.naming import SERVICES
from shared.settings import OF_COMPOSE, ServiceSettings, examples_of, in_one_line, must_be_known, names_of

DEMO = Path(__file__).parents[1] / "demo" / "demo.env"


def every_settings() -> list[type[ServiceSettings]]:
    return [import_module(f"services.{service}.settings").Settings for service in SERVICES]


def check_names(environment: Mapping[str, str]) -> None:
    """Raises Refused for a name of ours that nobody reads, or compose alone."""
    if idle := sorted(OF_COMPOSE & environment.keys()):
        raise Refused(
            f"Only compose reads {', '.join(idle)}; here, set what you mean in the environment itself."
        )
    try:
        must_be_known(environment, frozenset(name for kind in every_settings() for name in names_of(kind)))
    except ValueError as error:
        said = str(error).rstrip("?")
        raise Refused(f"{said[0].upper()}{said[1:]}{'?' if said != str(error) else '.'}") from None


def check_values(environment: Mapping[str, str]) -> None:
    """Raises Refused for a setting of a service, or a file that one names, that it would not start with."""
    for kind in every_settings():
        try:
            kind.told(environment).read_files()
        except (ValueError, SettingsError) as error:
            raise Refused(f"{in_one_line(error).rstrip('.')}.") from None


def examples(environment: Mapping[str, str]) -> list[str]:
    """The settings whose files a district has to replace by its own."""
    return sorted({name for kind in every_settings() for name in examples_of(kind, environment)})


def for_stories(environment: Mapping[str, str]) -> dict[str, str]:
    """What is set for the demonstration, as far as the environment does not say otherwise."""
    lines = (line.split("=", 1) for line in DEMO.read_text("utf-8").splitlines() if line[:1].isalpha())
    return {name: environment.get(name, value) for name, value in lines}
