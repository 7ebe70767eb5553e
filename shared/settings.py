"""Settings come from the environment, prefix `HEHUO_`; each service adds its own knobs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.naming import SERVICES, Names

PREFIX = "HEHUO_"
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "deploy" / "demo"  # whose files count as long as no others are named
# What other programs of the system read; everything else with our prefix is a setting of some service.
OTHERS = frozenset(
    PREFIX + name
    for name in (
        *("DATA", "PORT", "ENV_FILE", "TIMES", "DISK_MIN_MB", "MONGOD", "NATS_SERVER", "ENVOY"),
        *(
            f"GATEWAY_{knob}"
            for knob in ("HOST", "PORT", "URL", "UPSTREAMS", "RATE", "BURST", "TLS", "THREADS")
        ),
        *("GATEWAY_REQUESTS", "GATEWAY_STREAMS", "MONGO_ADMIN_URL", "MONGO_MEMBER", "MONGO_CACHE_GB"),
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
        *(f"{service.upper()}_REPLICAS" for service in SERVICES),
        *(f"MONGO_{service.upper()}_PASSWORD" for service in SERVICES),
    )
)

BODY_BYTES = 256 * 1024  # of a request: the gateway's limit and the services' are one, HEHUO_BODY_BYTES
TERRITORY_BYTES = 10 * 1024 * 1024  # of the one body that may be larger, HEHUO_DISPATCH_TERRITORY_BYTES
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


def _seconds(value: Any) -> Any:
    return float(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else value


# ISO 8601 (`P14D`) or seconds
Duration = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0), le=timedelta(days=3650))]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError):
        near = get_close_matches(name, available_timezones(), 1)
        raise ValueError(f"there is no zone {name}" + (f"; is it {near[0]}?" if near else "")) from None
    return name


class ServiceSettings(BaseSettings):
    """What every service needs to know about the world around it."""

    model_config = SettingsConfigDict(env_prefix="HEHUO_", extra="ignore", frozen=True)

    service: ClassVar[str] = ""  # whose settings they are

    mongo_url: str = "mongodb://127.0.0.1:27017/?replicaSet=hehuo"
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")
    mongo_pool: Count = 32  # connections of one process; reads wait in line for them

    nats_url: str = "nats://127.0.0.1:4222"  # several, separated by commas
    nats_user: str = ""
    nats_password: SecretStr = SecretStr("")

    jwks: str = ""  # path or URL of the key set that signs tokens
    issuer: str = "http://hehuo.local"
    audience: str = "hehuo"

    jurisdiction: str = "370203"
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    namespace: str = ""  # tests keep apart by it
    public_url: str = "http://127.0.0.1:8600"
    log_level: Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"] = "INFO"
    # spans of requests and of what is heard, by OpenTelemetry: where to say OTEL_EXPORTER_OTLP_*
    traces: bool = False

    requests_at_once: Count = 512  # beyond it 503 with Retry-After; reads are shed at three quarters of it
    # live streams of one process, apart from requests: in all, of one person, of one entry
    streams_at_once: Count = 2000
    streams_of_person: Count = 16
    streams_of_entry: Count = 200
    body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = BODY_BYTES
    batch: Annotated[int, Field(ge=1, le=1000)] = 100  # messages fetched at once from each sender
    tries: Count = 8  # of a message whose reaction fails by a fault of ours, before it is set aside
    clock_seconds: Seconds = 1.0  # how often each process sees whether a clock is due
    sweep_seconds: Seconds = 2.0  # how often it looks for history that was not told, while anybody writes
    sweep_after_seconds: Annotated[float, Field(ge=0, le=86_400)] = (
        3.0  # how old untold history must be: younger is being told right now
    )
    reconcile_seconds: Seconds = 10.0  # how often it compares what was told with what the bus has
    forget_seconds: Seconds = 600.0  # how often it takes out of the stream what everybody had heard before

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
