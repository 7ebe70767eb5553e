"""What can be set for intake."""

from __future__ import annotations

import json
from pathlib import Path

from services.intake.domain.category import Category, by_code
from services.intake.domain.outline import Outline
from shared.settings import ServiceSettings

DEMO = Path(__file__).parents[2] / "deploy" / "demo"


class Settings(ServiceSettings):
    intake_outline: Path = DEMO / "territory" / "outline.geojson"  # where orders are taken
    intake_categories: Path = DEMO / "categories.json"  # what they can be about

    def outline(self) -> Outline:
        """Raises OSError or ValueError when the file is not there or holds no area."""
        return Outline(json.loads(self.intake_outline.read_bytes()))

    def categories(self) -> dict[str, Category]:
        """Raises OSError or ValueError when the file is not there or not readable."""
        listed = json.loads(self.intake_categories.read_bytes())["categories"]
        return by_code([Category.model_validate(one) for one in listed])
