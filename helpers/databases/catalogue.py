"""What a shop knows about its products: the facts that every family of databases must keep.

Below them, the ways in which the families lay the facts out: turned round, or copied together.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers import require


@dataclass(frozen=True)
class Review:
    """What a customer says of a product."""

    product: int
    user: int
    stars: int


@dataclass(frozen=True)
class Catalogue:
    """The facts, each written once.

    Attributes
    ----------
    brands, products, users
        Names, by number.
    brand_of
        The brand of each product.
    reviews
        All of them.
    orders
        The products of each order.
    """

    brands: dict[int, str]
    products: dict[int, str]
    users: dict[int, str]
    brand_of: dict[int, int]
    reviews: tuple[Review, ...]
    orders: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Page:
    """What the product page shows.

    Attributes
    ----------
    name, brand
        Of the product.
    reviews
        Names of the reviewers and their stars, in order.
    """

    name: str
    brand: str
    reviews: tuple[tuple[str, int], ...]


def make_catalogue(products: int = 200, *, rng: int | np.random.Generator = 0) -> Catalogue:
    """Make a catalogue of 20 products a brand (or a few more) and about 8 reviews a product.

    Parameters
    ----------
    products
        How many, at least 20.
    rng
        A seed or a generator.

    Examples
    --------
    >>> catalogue = make_catalogue(40, rng=1)
    >>> len(catalogue.brands), len(catalogue.products), len(catalogue.reviews)
    (2, 40, 320)
    """
    products = require.whole("products", products, 20)
    luck = require.generator(rng)
    users, numbers = products // 2, range(1, products + 1)
    of_product = np.sort(luck.integers(1, products + 1, 8 * products)).tolist()
    by, stars = luck.integers(1, users + 1, 8 * products), luck.integers(1, 6, 8 * products)
    reviews = tuple(
        Review(product, int(user), int(star))
        for product, user, star in zip(of_product, by, stars, strict=True)
    )
    orders = tuple(
        tuple(sorted(luck.choice(products, 3, replace=False) + 1)) for _ in range(2 * products)
    )
    return Catalogue(
        brands={i: f"Brand {i}" for i in range(1, products // 20 + 1)},
        products={i: f"Product {i}" for i in numbers},
        users={i: f"User {i}" for i in range(1, users + 1)},
        brand_of={i: 1 + (i - 1) % (products // 20) for i in numbers},
        reviews=reviews,
        orders=tuple(tuple(int(product) for product in order) for order in orders),
    )


def index_of(brand_of: Mapping[int, int]) -> dict[int, list[int]]:
    """Turn a mapping round."""
    found: dict[int, list[int]] = defaultdict(list)
    for product, brand in brand_of.items():
        found[brand].append(product)
    return found


def orders_by_product(facts: Catalogue) -> dict[int, list[int]]:
    """Give the numbers of the orders that hold each product."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, order in enumerate(facts.orders):
        for product in order:
            found[product].append(number)
    return found


def reviewed_products(facts: Catalogue) -> dict[int, list[int]]:
    """Give the products that each user has reviewed, each once, in order."""
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for review in facts.reviews:
        found[review.user][review.product] = None
    return defaultdict(list, {user: list(products) for user, products in found.items()})


def page_documents(facts: Catalogue) -> dict[int, dict[str, Any]]:
    """Copy all that a page shows into one document for each product."""
    documents: dict[int, dict[str, Any]] = {
        product: {
            "name": name,
            "brand_id": facts.brand_of[product],
            "brand": facts.brands[facts.brand_of[product]],
            "reviews": [],
        }
        for product, name in facts.products.items()
    }
    for review in facts.reviews:
        documents[review.product]["reviews"].append((facts.users[review.user], review.stars))
    return documents


def page_of(document: Mapping[str, Any]) -> Page:
    """Show a document."""
    return Page(document["name"], document["brand"], tuple(document["reviews"]))


def reviews_in(documents: list[dict[str, Any]], user: str) -> list[tuple[str, int]]:
    """Pick a user's reviews out of documents."""
    return [
        (document["name"], stars)
        for document in documents
        for name, stars in document["reviews"]
        if name == user
    ]


def count_together(facts: Catalogue, orders: list[int], product: int) -> dict[str, int]:
    """Count what else was in some orders."""
    others = (other for order in orders for other in facts.orders[order] if other != product)
    return dict(Counter(facts.products[other] for other in others))
