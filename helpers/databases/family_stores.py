"""Five stores of the same facts: relational, document, key-value, wide-column and graph.

Each counts what it does in round trips and records. They are small models, which show the
shape of a design and not the speed of a product. Rows in one partition or one document come
together.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Protocol

from helpers.databases.catalogue import (
    Catalogue,
    Page,
    count_together,
    index_of,
    orders_by_product,
    page_documents,
    page_of,
    reviewed_products,
    reviews_in,
)

SCAN_BATCH = 100
"""Records that one round trip brings when everything is read."""


@dataclass
class Cost:
    """What questions have cost so far.

    Attributes
    ----------
    trips
        Round trips to the database.
    read, written
        Records.
    """

    trips: int = 0
    read: int = 0
    written: int = 0

    def ask(self, read: int = 0, written: int = 0) -> None:
        """Count one round trip."""
        self.trips += 1
        self.read += read
        self.written += written

    def scan(self, records: int) -> None:
        """Count a walk through everything."""
        self.trips += max(1, -(-records // SCAN_BATCH))
        self.read += records


class Store(Protocol):
    """What every family must answer."""

    cost: Cost

    def page(self, product: int) -> Page:
        """Give what the product page shows."""

    def of_brand(self, brand: int) -> list[str]:
        """Give the names of a brand's products."""

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Give the products that a user has reviewed, with the stars."""

    def also_bought(self, product: int) -> dict[str, int]:
        """Count what else was in the orders with a product."""

    def rename(self, brand: int, name: str) -> None:
        """Change a brand's name, wherever it is written."""


class Relational:
    """Each fact once, in tables; the database joins them by its indexes, in one round trip."""

    def __init__(self, facts: Catalogue) -> None:
        self.cost = Cost()
        self.facts = facts
        self.brands = dict(facts.brands)
        self.reviews_of, self.reviews_from = defaultdict(list), defaultdict(list)
        for review in facts.reviews:
            self.reviews_of[review.product].append(review)
            self.reviews_from[review.user].append(review)
        self.products_of = index_of(facts.brand_of)
        self.orders_with = orders_by_product(facts)

    def page(self, product: int) -> Page:
        """Join product, brand, reviews and their users."""
        reviews = [(self.facts.users[r.user], r.stars) for r in self.reviews_of[product]]
        self.cost.ask(read=2 + 2 * len(reviews))
        brand = self.brands[self.facts.brand_of[product]]
        return Page(self.facts.products[product], brand, tuple(reviews))

    def of_brand(self, brand: int) -> list[str]:
        """Ask the index on the brand."""
        found = self.products_of[brand]
        self.cost.ask(read=len(found))
        return [self.facts.products[product] for product in found]

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Ask the index on the user, and join the products."""
        found = self.reviews_from[user]
        self.cost.ask(read=2 * len(found))
        return [(self.facts.products[r.product], r.stars) for r in found]

    def also_bought(self, product: int) -> dict[str, int]:
        """Join the order lines with themselves."""
        orders = self.orders_with[product]
        lines = sum(len(self.facts.orders[order]) for order in orders)
        self.cost.ask(read=len(orders) + lines)
        return count_together(self.facts, orders, product)

    def rename(self, brand: int, name: str) -> None:
        """Write one row."""
        self.brands[brand] = name
        self.cost.ask(written=1)


class Document:
    """A document for each product with all that its page shows; indexes into the documents."""

    def __init__(self, facts: Catalogue) -> None:
        self.cost = Cost()
        self.facts = facts
        self.documents = page_documents(facts)
        self.products_of = index_of(facts.brand_of)
        self.reviewed_by = reviewed_products(facts)
        self.orders_with = orders_by_product(facts)

    def page(self, product: int) -> Page:
        """Fetch one document."""
        self.cost.ask(read=1)
        return page_of(self.documents[product])

    def of_brand(self, brand: int) -> list[str]:
        """Ask the index on the brand; whole documents come."""
        found = self.products_of[brand]
        self.cost.ask(read=len(found))
        return [self.documents[product]["name"] for product in found]

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Ask the index on the reviews' users; whole documents come."""
        found = self.reviewed_by[user]
        self.cost.ask(read=len(found))
        return reviews_in([self.documents[product] for product in found], self.facts.users[user])

    def also_bought(self, product: int) -> dict[str, int]:
        """Ask the index on the orders' products; each order is a document."""
        orders = self.orders_with[product]
        self.cost.ask(read=len(orders))
        return count_together(self.facts, orders, product)

    def rename(self, brand: int, name: str) -> None:
        """Write every document that holds a copy of the name."""
        found = self.products_of[brand]
        for product in found:
            self.documents[product]["brand"] = name
        self.cost.ask(read=len(found), written=len(found))


class KeyValue:
    """A box for each page; the store cannot look into it, only the application can."""

    def __init__(self, facts: Catalogue) -> None:
        self.cost = Cost()
        self.facts = facts
        self.boxes = {f"product:{number}": box for number, box in page_documents(facts).items()}
        self.orders = {f"order:{i}": order for i, order in enumerate(facts.orders)}

    def page(self, product: int) -> Page:
        """Fetch one box."""
        self.cost.ask(read=1)
        return page_of(self.boxes[f"product:{product}"])

    def of_brand(self, brand: int) -> list[str]:
        """Open every box."""
        return [box["name"] for _, box in self._with_brand(brand)]

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Open every box."""
        self.cost.scan(len(self.boxes))
        return reviews_in(list(self.boxes.values()), self.facts.users[user])

    def also_bought(self, product: int) -> dict[str, int]:
        """Open every order."""
        self.cost.scan(len(self.orders))
        orders = [i for i, order in enumerate(self.orders.values()) if product in order]
        return count_together(self.facts, orders, product)

    def rename(self, brand: int, name: str) -> None:
        """Open every box, and write each that holds a copy, one by one."""
        for _, box in self._with_brand(brand):
            box["brand"] = name
            self.cost.ask(written=1)

    def _with_brand(self, brand: int) -> list[tuple[str, dict[str, Any]]]:
        self.cost.scan(len(self.boxes))
        return [(key, box) for key, box in self.boxes.items() if box["brand_id"] == brand]


class WideColumn:
    """A table for each question, each in partitions that lie together on one server.

    There are tables for the page, for a brand's products and for a user's reviews; what was
    bought together has none, since nobody thought of it when the tables were laid out.
    """

    def __init__(self, facts: Catalogue) -> None:
        self.cost = Cost()
        self.facts = facts
        self.pages = page_documents(facts)
        self.by_brand: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for product, brand in facts.brand_of.items():
            self.by_brand[brand].append((product, facts.products[product], facts.brands[brand]))
        self.by_user: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for review in facts.reviews:
            self.by_user[review.user].append((facts.products[review.product], review.stars))

    def page(self, product: int) -> Page:
        """Read one partition: a row for the product and one for each review."""
        shown = page_of(self.pages[product])
        self.cost.ask(read=1 + len(shown.reviews))
        return shown

    def of_brand(self, brand: int) -> list[str]:
        """Read one partition."""
        self.cost.ask(read=len(self.by_brand[brand]))
        return [name for _, name, _ in self.by_brand[brand]]

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Read one partition."""
        self.cost.ask(read=len(self.by_user[user]))
        return list(self.by_user[user])

    def also_bought(self, product: int) -> dict[str, int]:
        """Read all orders: there is no table for this question."""
        self.cost.scan(len(self.facts.orders))
        orders = [i for i, order in enumerate(self.facts.orders) if product in order]
        return count_together(self.facts, orders, product)

    def rename(self, brand: int, name: str) -> None:
        """Read the brand's partition, and write every copy, each page's partition by itself."""
        rows = self.by_brand[brand]
        self.cost.ask(read=len(rows), written=len(rows))
        self.by_brand[brand] = [(product, title, name) for product, title, _ in rows]
        for product, _, _ in rows:
            self.pages[product]["brand"] = name
            self.cost.ask(written=1)


class Graph:
    """Nodes and edges; a question is a walk, and counts the nodes that it meets."""

    def __init__(self, facts: Catalogue) -> None:
        self.cost = Cost()
        self.names: dict[tuple[str, int], str] = {
            **{("brand", i): name for i, name in facts.brands.items()},
            **{("product", i): name for i, name in facts.products.items()},
            **{("user", i): name for i, name in facts.users.items()},
        }
        self.edges: dict[tuple[str, int], list[tuple[str, tuple[str, int], int]]]
        self.edges = defaultdict(list)
        for product, brand in facts.brand_of.items():
            self._join("made by", ("product", product), ("brand", brand))
        for review in facts.reviews:
            self._join("reviewed", ("product", review.product), ("user", review.user), review.stars)
        for number, order in enumerate(facts.orders):
            for product in order:
                self._join("in", ("product", product), ("order", number))

    def page(self, product: int) -> Page:
        """Walk to the brand and to the users."""
        node = "product", product
        brands = self._walk(node, "made by")
        reviews = [(self.names[user], stars) for user, stars in self._walk(node, "reviewed")]
        self.cost.ask(read=2 + len(reviews))
        return Page(self.names[node], self.names[brands[0][0]], tuple(reviews))

    def of_brand(self, brand: int) -> list[str]:
        """Walk from the brand."""
        found = self._walk(("brand", brand), "made by")
        self.cost.ask(read=1 + len(found))
        return [self.names[node] for node, _ in found]

    def reviews_by(self, user: int) -> list[tuple[str, int]]:
        """Walk from the user."""
        found = self._walk(("user", user), "reviewed")
        self.cost.ask(read=1 + len(found))
        return [(self.names[node], stars) for node, stars in found]

    def also_bought(self, product: int) -> dict[str, int]:
        """Walk two steps: to the orders, and to what else is in them."""
        start = "product", product
        orders = [node for node, _ in self._walk(start, "in")]
        found = [node for order in orders for node, _ in self._walk(order, "in")]
        self.cost.ask(read=1 + len(orders) + len(found))
        return dict(Counter(self.names[node] for node in found if node != start))

    def rename(self, brand: int, name: str) -> None:
        """Write one node."""
        self.names["brand", brand] = name
        self.cost.ask(written=1)

    def _join(self, kind: str, one: tuple[str, int], other: tuple[str, int], note: int = 0) -> None:
        self.edges[one].append((kind, other, note))
        self.edges[other].append((kind, one, note))

    def _walk(self, node: tuple[str, int], kind: str) -> list[tuple[tuple[str, int], int]]:
        return [(other, note) for name, other, note in self.edges[node] if name == kind]
