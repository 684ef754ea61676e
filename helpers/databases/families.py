"""One product page in five families of databases, and what each makes easy or hard.

The same facts in five kinds of furniture: a cabinet with a drawer for each kind of card and
threads between them (relational), a folder for each product with copies of all that its page
shows (document), numbered boxes that nobody looks into (key-value), shelves that are laid out
for one question each (wide-column), cards on a wall joined by strings (graph). Each store
answers the same five questions; counted are round trips, records read and records written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from helpers.databases.catalogue import Catalogue, make_catalogue
from helpers.databases.family_stores import (
    Cost,
    Document,
    Graph,
    KeyValue,
    Relational,
    Store,
    WideColumn,
)

PRODUCT, USER, BRAND = 7, 3, 1
"""Whom the questions are about."""

FAMILIES: Mapping[str, Callable[[Catalogue], Store]] = MappingProxyType(
    {
        "relational": Relational,
        "document": Document,
        "key-value": KeyValue,
        "wide-column": WideColumn,
        "graph": Graph,
    }
)
QUESTIONS: Mapping[str, Callable[[Store], Any]] = MappingProxyType(
    {
        "the product page": lambda store: store.page(PRODUCT),
        "a brand's products": lambda store: sorted(store.of_brand(BRAND)),
        "a user's reviews": lambda store: sorted(store.reviews_by(USER)),
        "bought together": lambda store: store.also_bought(PRODUCT),
        "rename a brand": lambda store: store.rename(BRAND, "Another name"),
    }
)


@dataclass(frozen=True)
class FamilyTable:
    """What each question costs in each family.

    Attributes
    ----------
    costs
        By question, then by family.
    answers
        The same keys; all families give the same answer.
    """

    costs: Mapping[str, Mapping[str, Cost]]
    answers: Mapping[str, Mapping[str, Any]]

    def __repr__(self) -> str:
        lines = [f"{'trips / read / written':24}" + "".join(f"{name:>15}" for name in FAMILIES)]
        for question, row in self.costs.items():
            cells = (f"{cost.trips}/{cost.read}/{cost.written}" for cost in row.values())
            lines.append(f"{question:24}" + "".join(f"{cell:>15}" for cell in cells))
        return "\n".join(lines)


def compare_families(facts: Catalogue | None = None) -> FamilyTable:
    """Ask every family the same questions, each of a fresh store.

    Parameters
    ----------
    facts
        By default a catalogue of 200 products.

    Examples
    --------
    >>> table = compare_families()
    >>> table.costs["rename a brand"]["relational"]
    Cost(trips=1, read=0, written=1)
    """
    facts = make_catalogue() if facts is None else facts
    costs: dict[str, dict[str, Cost]] = {question: {} for question in QUESTIONS}
    answers: dict[str, dict[str, Any]] = {question: {} for question in QUESTIONS}
    for question, ask in QUESTIONS.items():
        for name, family in FAMILIES.items():
            store = family(facts)
            answers[question][name] = ask(store)
            costs[question][name] = store.cost
    return FamilyTable(costs, answers)
