"""What everybody is shown of the partners."""

from __future__ import annotations

from pydantic import BaseModel

from services.partners.domain.partner import Partner


class PartnerPage(BaseModel):
    """A page of partners."""

    items: list[Partner]
    next: str | None
