"""What can be set for intake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from services.intake.domain.category import Category, by_code
from services.intake.domain.outline import Outline
from shared.settings import EXAMPLE, ServiceSettings


class Settings(ServiceSettings):
    service: ClassVar[str] = "intake"

    intake_outline: Path = EXAMPLE / "territory" / "outline.geojson"  # where orders are taken
    intake_categories: Path = EXAMPLE / "categories.json"  # what they can be about

    def outline(self) -> Outline:
        """Raises OSError or ValueError when the file is not there or holds no area."""
        return Outline(json.loads(self.intake_outline.read_bytes()))

    def categories(self) -> dict[str, Category]:
        """Raises OSError or ValueError when the file is not there or not readable."""
        listed = json.loads(self.intake_categories.read_bytes())["categories"]
        return by_code([Category.model_validate(one, extra="forbid") for one in listed])
