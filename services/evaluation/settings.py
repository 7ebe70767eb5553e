"""What can be set for evaluation. Durations are ISO 8601 (`P14D`) or seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from shared.duration import Duration
from shared.settings import Count, ServiceSettings


class Settings(ServiceSettings):
    service: ClassVar[str] = "evaluation"

    evaluation_window: Duration = timedelta(days=14)  # how long the resident may say something
    # of "mostly" in the satisfaction rate
    evaluation_mostly_weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.8
    evaluation_least: Count = 5  # orders, before the public sees what became of them
    # after a month has ended its rates are published, as they are then and once and for all
    evaluation_published_after: Duration = timedelta(days=30)
