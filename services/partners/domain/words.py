"""Who reads the free text of commands, besides what all services share."""

from __future__ import annotations

STAYS_WITH_PARTNER = "Stays with the partner and the staff."
