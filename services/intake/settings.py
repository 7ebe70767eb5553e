"""What can be set for intake."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from services.intake.domain.category import Category, by_code
from services.intake.domain.outline import Outline
from services.intake.domain.reopening import ReopeningTerms
from shared.duration import Duration
from shared.settings import EXAMPLE, ServiceSettings


class Settings(ServiceSettings):
    service: ClassVar[str] = "intake"

    intake_outline: Path = EXAMPLE / "territory" / "outline.geojson"  # where orders are taken
    intake_categories: Path = EXAMPLE / "categories.json"  # what they can be about

    intake_reopening_within: Duration = timedelta(days=10)  # of the closing
    intake_reopenings_most: Annotated[int, Field(ge=0, le=100)] = 3  # of one order

    def read_files(self) -> None:
        self.outline()
        self.categories()

    def outline(self) -> Outline:
        """Raises ValueError when the file is not there or holds no area."""
        with self.naming("intake_outline"):
            return Outline(json.loads(self.intake_outline.read_bytes()))

    def reopening(self) -> ReopeningTerms:
        return ReopeningTerms(within=self.intake_reopening_within, most=self.intake_reopenings_most)

    def categories(self) -> dict[str, Category]:
        """Raises ValueError when the file is not there or not readable."""
        with self.naming("intake_categories"):
            listed = json.loads(self.intake_categories.read_bytes())["categories"]
            return by_code([Category.model_validate(one, extra="forbid") for one in listed])
