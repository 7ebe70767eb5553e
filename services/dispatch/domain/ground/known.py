"""What rules, remits and people may name: categories with their questions, roles of the staff, areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.routing import Rule
from services.dispatch.domain.ground.territory import Territory
from shared.problems import NoSuchName, must_be_one_of

Choices = Mapping[str, frozenset[str]]  # by question


class Known(NamedTuple):
    """`categories` are those that intake takes. Where nothing is known of a kind, nothing of it is refused."""

    categories: Mapping[str, Choices] = {}
    roles: frozenset[str] = frozenset()

    def must_know_rule(self, rule: Rule, territory: Territory) -> None:
        """Raises NoSuchName."""
        when = rule.when
        self.must_know_categories(when.categories)
        if when.area is not None:
            must_be_one_of(territory.areas, area=when.area)
        if not self.categories:
            return
        asking = when.categories or tuple(self.categories)
        for question, choice in when.answers.items():
            asked = [self.categories[one] for one in asking]
            must_be_one_of({name for choices in asked for name in choices}, question=question)
            must_be_one_of({one for choices in asked for one in choices.get(question, ())}, choice=choice)

    def must_know_categories(self, named: tuple[str, ...]) -> None:
        """Raises NoSuchName."""
        for one in named if self.categories else ():
            must_be_one_of(self.categories, category=one)

    def must_know_role(self, role: str) -> None:
        """Raises NoSuchName."""
        if self.roles:
            must_be_one_of(self.roles, role=role)

    def unknown(
        self, rules: tuple[Rule, ...], departments: tuple[Department, ...], territory: Territory
    ) -> Iterator[str]:
        """What is kept already and names what is not there (any more)."""
        for rule in rules:
            try:
                self.must_know_rule(rule, territory)
            except NoSuchName as error:
                yield f"rule {rule.id}: {error.detail}"
        for department in departments:
            try:
                self.must_know_categories(department.remit)
            except NoSuchName as error:
                yield f"department {department.id}: {error.detail}"
