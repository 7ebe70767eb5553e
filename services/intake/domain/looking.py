"""Who reads what is private stands on the order, before they have read it. Pure rules; nobody is told."""

from __future__ import annotations

from datetime import datetime, tzinfo

from services.intake.domain.hands import Reads, may_read
from services.intake.domain.order import Order
from services.intake.domain.timeline import Look, Seen
from shared.caller import Caller
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound

_MOST = 200  # looks that are kept of one order; of those before it is known how many there were


def look(order: Order, *, by: Caller, at: datetime, zone: tzinfo) -> Decision[Order]:
    """Somebody reads it: noted once a day of the place for each, and again when they read more than before.

    What is their own people read as they like. Raises NotFound for whoever may not read it.
    """
    if order.is_of(by):
        return unchanged(order)
    reads = may_read(order, by)
    if reads is Reads.NOTHING:
        raise NotFound
    new = Look(
        role=by.role,
        id=by.id,
        office=by.department or by.partner or "",
        at=at,
        what=Seen.CONTACT if order.contact and reads is Reads.ALL else Seen.TEXT,
    )
    before = next((one for one in reversed(order.looks) if _same_day(one, new, zone)), None)
    if before is None:
        kept = (*order.looks, new)
        return decided(
            order.but(looks=kept[-_MOST:], looks_before=order.looks_before + max(0, len(kept) - _MOST))
        )
    if new.what in (before.what, Seen.TEXT):
        return unchanged(order)
    more = before.but(what=new.what)
    return decided(order.but(looks=tuple(more if one is before else one for one in order.looks)))


def _same_day(one: Look, other: Look, zone: tzinfo) -> bool:
    if (one.role, one.id, one.office) != (other.role, other.id, other.office):
        return False
    return one.at.astimezone(zone).date() == other.at.astimezone(zone).date()
