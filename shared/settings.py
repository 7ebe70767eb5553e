"""Settings come from the environment, prefix `HEHUO_`; each service adds its own knobs."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.naming import Names

BODY_BYTES = 256 * 1024  # of a request: the gateway's limit and the services' are one, HEHUO_BODY_BYTES
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ServiceSettings(BaseSettings):
    """What every service needs to know about the world around it."""

    model_config = SettingsConfigDict(env_prefix="HEHUO_", extra="ignore", frozen=True)

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
    timezone: str = "Asia/Shanghai"
    namespace: str = ""  # tests keep apart by it
    public_url: str = "http://127.0.0.1:8600"
    log_level: str = "INFO"
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

    @cached_property
    def names(self) -> Names:
        return Names(self.namespace)
