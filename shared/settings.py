"""Settings come from the environment, prefix `HEHUO_`; each service adds its own knobs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from shared.naming import SERVICES, Names

PREFIX = "HEHUO_"
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "deploy" / "demo"  # whose files count as long as no others are named
# What compose alone reads, and no program.
OF_COMPOSE = frozenset(
    PREFIX + name
    for name in (
        *("ENV_FILE", "PORT", "MONGO_CACHE_GB"),
        *(f"{service.upper()}_REPLICAS" for service in SERVICES),
    )
)
# What other programs of the system read; everything else with our prefix is a setting of some service.
OTHERS = OF_COMPOSE | frozenset(
    PREFIX + name
    for name in (
        *("DATA", "TIMES", "DISK_MIN_MB", "MONGOD", "NATS_SERVER", "ENVOY"),
        *(
            f"GATEWAY_{knob}"
            for knob in ("HOST", "PORT", "URL", "UPSTREAMS", "RATE", "BURST", "TLS", "THREADS")
        ),
        *("GATEWAY_REQUESTS", "GATEWAY_STREAMS", "MONGO_ADMIN_URL", "MONGO_MEMBER"),
        *(f"NATS_{knob}" for knob in ("OPERATOR_PASSWORD", "REPLICAS", "LISTEN", "MONITOR", "STORE", "NAME")),
        *(
            "NATS_SIZE",
            "NATS_CLUSTER",
            "NATS_ROUTES",
            "FLOOR",
            "BASELINE_MONGO",
            "PROOF_FOLDER",
            "PROOF_WAYS",
        ),
        *(f"MONGO_{service.upper()}_PASSWORD" for service in SERVICES),
    )
)

BODY_BYTES = 256 * 1024  # of a request: the gateway's limit and the services' are one, HEHUO_BODY_BYTES
TERRITORY_BYTES = 10 * 1024 * 1024  # of the one body that may be larger, HEHUO_DISPATCH_TERRITORY_BYTES
LEAST_BYTES, MOST_BYTES = 1024, 64 * 1024 * 1024  # that either can be
MOST = 1_000_000  # of anything that is counted
Count = Annotated[int, Field(ge=1, le=MOST)]
Bytes = Annotated[int, Field(ge=LEAST_BYTES, le=MOST_BYTES)]
Seconds = Annotated[float, Field(ge=0.001, le=86_400, allow_inf_nan=False)]
Word = Annotated[str, StringConstraints(pattern=r"^\S+$")]
# every area begins with it, and it is in subjects
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
_ZONES = re.compile(
    r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+|UTC"
)
_SECRET = ("password", "mongo_url", "nats_url")  # whose value is not repeated
# what reading a wrong file may raise
_MISMADE = (OSError, ValueError, LookupError, TypeError, AttributeError)


def _zone(name: str) -> str:
    """A region's city: Etc/GMT-8 is east of London, and others are no place at all."""
    places = set(filter(_ZONES.fullmatch, available_timezones()))
    if name not in places:
        near = get_close_matches(name, places, 1)
        raise ValueError(f"there is no zone {name}" + (f"; is it {near[0]}?" if near else ""))
    return name


def _address(said: str) -> str:
    parts = urlsplit(said)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", said):
        raise ValueError("this is no address that begins with http:// or https://")
    return said


class ServiceSettings(BaseSettings):
    """What every service needs to know about the world around it."""

    model_config = SettingsConfigDict(env_prefix="HEHUO_", extra="ignore", frozen=True)

    service: ClassVar[str] = ""  # whose settings they are

    mongo_url: Annotated[str, StringConstraints(pattern=r"^mongodb(\+srv)?://[^\s/]+")] = (
        "mongodb://127.0.0.1:27017/?replicaSet=hehuo"
    )
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")
    mongo_pool: Count = 32  # connections of one process; reads wait in line for them

    # several, separated by commas
    nats_url: Annotated[str, StringConstraints(pattern=r"^(((nats|tls|wss?)://)?[^\s,/]+/?(,|$))+$")] = (
        "nats://127.0.0.1:4222"
    )
    nats_user: str = ""
    nats_password: SecretStr = SecretStr("")

    jwks: str = ""  # path or URL of the key set that signs tokens
    issuer: Word = "http://hehuo.local"
    audience: Word = "hehuo"

    jurisdiction: Code = "370203"
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    namespace: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,40}$")] = (
        ""  # tests keep apart by it
    )
    public_url: Annotated[str, AfterValidator(_address)] = "http://127.0.0.1:8600"
    log_level: Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"] = "INFO"
    # spans of requests and of what is heard, by OpenTelemetry: where to say OTEL_EXPORTER_OTLP_*
    traces: bool = False

    requests_at_once: Count = 512  # beyond it 503 with Retry-After; reads are shed at three quarters of it
    # live streams of one process, apart from requests: in all, of one person, of one entry
    streams_at_once: Count = 2000
    streams_of_person: Count = 16
    streams_of_entry: Count = 200
    body_bytes: Bytes = BODY_BYTES
    batch: Annotated[int, Field(ge=1, le=1000)] = 100  # messages fetched at once from each sender
    tries: Count = 8  # of a message whose reaction fails by a fault of ours, before it is set aside
    clock_seconds: Seconds = 1.0  # how often each process sees whether a clock is due
    sweep_seconds: Seconds = 2.0  # how often it looks for history that was not told, while anybody writes
    sweep_after_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = (
        3.0  # how old untold history must be: younger is being told right now
    )
    reconcile_seconds: Seconds = 10.0  # how often it compares what was told with what the bus has
    forget_seconds: Seconds = 600.0  # how often it takes out of the stream what everybody had heard before

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # it is called by keywords
        cls, settings_cls: type[BaseSettings], **sources: Any
    ) -> tuple[Any, ...]:
        return (sources["init_settings"], _Environment(settings_cls))

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> Self:
        """As a process would read them to which just this is said."""
        return cls(**_Environment(cls, environment)())

    def read_files(self) -> None:
        """Whatever they name. Raises ValueError, with the setting's name, when it does not hold what it should."""

    @contextmanager
    def naming(self, knob: str) -> Iterator[None]:
        """Whatever is wrong with what a setting names is said with the setting's name, in one line."""
        try:
            yield
        except _MISMADE as error:
            said = getattr(self, knob)
            shown = f"={said}" if isinstance(said, Path) else ""
            raise ValueError(f"{PREFIX}{knob.upper()}{shown}: {_what_is_wrong(error)}") from error

    @model_validator(mode="after")
    def _every_name_is_known(self) -> Self:
        """A setting that is mistyped is not silently the default. Those of other services these look at themselves."""
        known = names_of(type(self))
        theirs = tuple(f"{PREFIX}{service.upper()}_" for service in SERVICES if service != self.service)
        must_be_known((name for name in os.environ if not name.startswith(theirs)), known)
        return self

    @cached_property
    def names(self) -> Names:
        return Names(self.namespace)


class _Environment(EnvSettingsSource):
    """The variables of the environment. Lists and objects are JSON; all else is text: `null` is not the default."""

    def __init__(self, kind: type[BaseSettings], environment: Mapping[str, str] | None = None) -> None:
        self._said = environment
        super().__init__(kind)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return (
            super()._load_env_vars()
            if self._said is None
            else {name.lower(): value for name, value in self._said.items()}
        )

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        read = super().decode_complex_value(field_name, field, value)
        return read if isinstance(read, dict | list) else value


@contextmanager
def refusing() -> Iterator[None]:
    """Ends a process that is told nonsense, with one line that names the setting."""
    try:
        yield
    except (ValueError, SettingsError) as error:
        raise SystemExit(f"refused: {in_one_line(error)}") from error


def in_one_line(error: Exception) -> str:
    """Which setting is wrong, what it is, and what is wrong with it."""
    if not isinstance(error, ValidationError):
        field = re.search(r'field "(\w+)" from source', str(error))
        return f"{PREFIX}{field[1].upper()}: this is not JSON" if field else " ".join(str(error).split())
    return "; ".join(map(_said_of, error.errors(include_url=False)))


def _said_of(error: Mapping[str, Any]) -> str:
    why = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return why
    name, *within = map(str, error["loc"])
    shown = "" if name.endswith(_SECRET) else f"={error['input']!r}"
    return f"{PREFIX}{name.upper()}{''.join(f'[{part}]' for part in within)}{shown}: {why}"


def _what_is_wrong(error: Exception) -> str:
    match error:
        case ValidationError():
            first = error.errors(include_url=False)[0]
            return f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}"
        case OSError():
            return f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        case KeyError():
            return f"there is no {error} in it"
        case JSONDecodeError() | UnicodeDecodeError():
            return f"this is not JSON: {error}"
        case ValueError():
            return str(error)
    return "this is not made as the example is"


def names_of(kind: type[ServiceSettings]) -> frozenset[str]:
    """What the settings are called in the environment."""
    return frozenset(PREFIX + name.upper() for name in kind.model_fields)


def must_be_known(names: Iterable[str], known: frozenset[str]) -> None:
    """Raises ValueError for a name of ours that nobody reads, with the nearest one that somebody does."""
    everything = known | OTHERS
    for name in sorted(names):
        ours = name.upper().replace("-", "_").startswith(PREFIX)  # pydantic reads small letters, too
        if ours and name not in everything:
            near = get_close_matches(name.upper().replace("-", "_"), everything, 1)
            raise ValueError(f"there is no setting {name}" + (f"; is it {near[0]}?" if near else ""))


def examples_of(kind: type[ServiceSettings], environment: Mapping[str, str]) -> list[str]:
    """The settings whose file is still the example's."""
    return [
        PREFIX + name.upper()
        for name, field in kind.model_fields.items()
        if "Path" in str(field.annotation)
        and (said := environment.get(PREFIX + name.upper(), field.default))
        and (ROOT / said).is_relative_to(EXAMPLE)
    ]
