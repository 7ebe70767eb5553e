"""Finds the partners that can fit a need without looking at all: by what is asked for, and where it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from uuid import UUID

from services.partners.domain.matching.facts import NOTHING, Giver, Load, Wanted
from services.partners.domain.matching.score import Match, Scale, fit
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Key
from shared.caller import above

_Shelf = dict[UUID, Giver]


class Index:
    """By what a resource is and by the area it is given in. Changes with the roster, partner by partner."""

    def __init__(self) -> None:
        self._shelves: dict[Key, dict[str, _Shelf]] = {}
        self._known: dict[UUID, tuple[Partner, Giver]] = {}

    def keep(self, partners: Mapping[UUID, Partner]) -> None:
        """These partners and no others. Whoever is the same object as before is not looked at again."""
        for id in self._known.keys() - partners.keys():
            self._take_out(id)
        for id, partner in partners.items():
            known = self._known.get(id)
            if known is None or known[0] is not partner:
                self._take_out(id)
                self._put_in(partner)

    def giver(self, id: UUID) -> Giver | None:
        known = self._known.get(id)
        return known[1] if known else None

    def __len__(self) -> int:
        return len(self._known)

    def candidates(self, wanted: Wanted) -> Iterable[Giver]:
        """Everybody with a resource for some line, given here; each once. The rest is for the score to say."""
        found: _Shelf = {}
        areas = [f"{area}/" for area in above(wanted.area)]
        for part in wanted.parts:
            shelves = self._shelves.get(part.key)
            if shelves:
                for area in areas:
                    found.update(shelves.get(area, {}))
        return found.values()

    def ranked(self, wanted: Wanted, loads: Mapping[UUID, Load], scale: Scale) -> list[Match]:
        """Everybody who fits, the best first; of equals, the lower id."""
        fits = [fit(one, loads.get(one.id, NOTHING), wanted, scale) for one in self.candidates(wanted)]
        matches = [one for one in fits if isinstance(one, Match)]
        matches.sort(key=attrgetter("order"))
        return matches

    def _put_in(self, partner: Partner) -> None:
        giver = Giver.of(partner)
        self._known[partner.id] = partner, giver
        for key, area in _places(giver):
            self._shelves.setdefault(key, {}).setdefault(area, {})[partner.id] = giver

    def _take_out(self, id: UUID) -> None:
        known = self._known.pop(id, None)
        if known is not None:
            for key, area in _places(known[1]):
                self._shelves[key][area].pop(id, None)


def _places(giver: Giver) -> Iterator[tuple[Key, str]]:
    for key, stocks in giver.stocks.items():
        for stock in stocks:
            yield key, stock.within
