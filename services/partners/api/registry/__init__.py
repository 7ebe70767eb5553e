"""The registry: the partners, their people and what they can give, their alliances. Each adds to the router."""

from services.partners.api.registry import alliances, members, partners

__all__ = ["alliances", "members", "partners"]
