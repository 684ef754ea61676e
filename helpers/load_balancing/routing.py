"""Which zone answers which address: a table of routes, and a checker that reads it first.

A receptionist with a list: "cart questions to the second floor, account questions to the
third, everybody else to the shop". A layer-7 balancer reads host and path of each
request and sends it to the micro-frontend (zone) whose route fits. Two habits are common:
the longest prefix wins, wherever it stands (ingresses, nginx), or the first that fits
(Envoy, Express), and then the order of the list is part of its meaning.

Prefixes are taken a segment at a time, as in a Kubernetes ingress: /cart takes /cart and
/cart/7, not /cartoons.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Order = Literal["longest prefix", "first match"]
ORDERS = ("longest prefix", "first match")
ANY = "*"


@dataclass(frozen=True)
class Route:
    """One line of the table.

    Attributes
    ----------
    zone
        Who answers.
    path
        A prefix that begins with a slash, without a question mark.
    host
        A name, a name with a star in front (`*.shop.example`), or a star for all.

    Examples
    --------
    >>> Route("cart", "cart")
    Traceback (most recent call last):
    ValueError: path must begin with a slash, got 'cart'
    """

    zone: str
    path: str = "/"
    host: str = ANY

    def __post_init__(self) -> None:
        if not self.zone:
            raise ValueError(f"zone must have a name, got {self.zone!r}")
        if not self.path.startswith("/"):
            raise ValueError(f"path must begin with a slash, got {self.path!r}")
        if "?" in self.path:
            raise ValueError(f"path must have no question mark, got {self.path!r}")
        name = self.host.removeprefix("*.")
        if self.host != ANY and (not name or set(name) & set("*/: ") or name[0] == "."):
            raise ValueError(f"host must be a name, *.name or *, got {self.host!r}")

    def __str__(self) -> str:
        return f"{self.host}{self.path} → {self.zone}"

    def takes(self, host: str, path: str) -> bool:
        """Tell whether the route fits a request.

        Examples
        --------
        >>> Route("cart", "/cart").takes("shop.example", "/cart/7?promo=1")
        True
        >>> Route("cart", "/cart").takes("shop.example", "/cartoons")
        False
        """
        return takes_host(self.host, host) and takes_path(self.path, path)

    @property
    def weight(self) -> tuple[int, int, int]:
        """How narrow it is: exact hosts before stars, then long paths before short ones."""
        return (not self.host.startswith(ANY), len(self.host), len(segments(self.path)))


def takes_host(pattern: str, host: str) -> bool:
    """Tell whether a pattern takes a host; a star stands for one name or more, or for all.

    A port, as in `localhost:8080`, makes no difference.

    Examples
    --------
    >>> takes_host("*.shop.example", "www.shop.example:443")
    True
    """
    host = host.partition(":")[0]
    if pattern.startswith(ANY):
        return host.lower().endswith(pattern[1:].lower())
    return host.lower() == pattern.lower()


def takes_path(prefix: str, path: str) -> bool:
    """Tell whether a path lies below a prefix, a segment at a time."""
    wanted = segments(prefix)
    return segments(path)[: len(wanted)] == wanted


def segments(path: str) -> list[str]:
    """Give the parts of a path between slashes, without what a question mark begins."""
    return [part for part in path.partition("?")[0].split("/") if part]


def find_route(
    routes: Sequence[Route], host: str, path: str, order: Order = "longest prefix"
) -> Route | None:
    """Give the route that takes a request, or None where there is none.

    Parameters
    ----------
    routes
        The table.
    host, path
        Of the request.
    order
        Which of several that fit: "longest prefix" or "first match".

    Examples
    --------
    >>> table = [Route("shop"), Route("cart", "/cart")]
    >>> find_route(table, "shop.example", "/cart/7").zone
    'cart'
    >>> find_route(table, "shop.example", "/cart/7", order="first match").zone
    'shop'
    """
    place = find_place(routes, host, path, order)
    return None if place is None else routes[place]


def find_place(routes: Sequence[Route], host: str, path: str, order: Order) -> int | None:
    """Give the place in the table of the route that takes a request."""
    check_order(order)
    fitting = [place for place, route in enumerate(routes) if route.takes(host, path)]
    if order == "first match" or not fitting:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda place: routes[place].weight)  # the first of equals


@dataclass(frozen=True)
class Problem:
    """Something wrong with a table of routes.

    Attributes
    ----------
    kind
        "shadowed", "wrong host", "unknown zone", "unreachable zone" or "no catch-all".
    where
        The route, the zone or the host.
    says
        What is wrong, in a sentence.
    """

    kind: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}"


@dataclass(frozen=True)
class RouteReport:
    """What a checker found in a table."""

    problems: tuple[Problem, ...]

    def __repr__(self) -> str:
        return "\n".join(map(str, self.problems)) or "No problem found."

    @property
    def kinds(self) -> list[str]:
        """The kinds of the problems, in order."""
        return [problem.kind for problem in self.problems]


def check_routes(
    routes: Sequence[Route],
    *,
    zones: Iterable[str],
    hosts: Iterable[str],
    order: Order = "longest prefix",
) -> RouteReport:
    """Read a table of routes and name what is wrong with it, before a user does.

    Parameters
    ----------
    routes
        The table.
    zones
        Those that are deployed.
    hosts
        Names that lead to this balancer.
    order
        As in `find_route`.

    Examples
    --------
    >>> table = [Route("shop"), Route("cart", "/cart")]
    >>> check_routes(table, zones=["shop", "cart"], hosts=["shop.example"])
    No problem found.
    >>> check_routes(table, zones=["shop", "cart"], hosts=["shop.example"], order="first match")
    shadowed: route 2, */cart → cart, never answers: route 1, */ → shop, takes all of it first
    unreachable zone: cart is deployed, and no route leads to it
    """
    check_order(order)
    for name, given in (("zones", zones), ("hosts", hosts)):
        if isinstance(given, str):
            raise ValueError(f"{name} must be a list of names, got {given!r}")
    zones, hosts = list(zones), list(hosts)
    problems = [*wrong_hosts(routes, hosts), *shadowed(routes, hosts, order)]
    dead = {problem.where for problem in problems}
    problems += [
        Problem("unknown zone", str(route), f"{route}, but no zone of that name is deployed")
        for route in routes
        if route.zone not in zones
    ]
    reached = {route.zone for i, route in enumerate(routes, 1) if f"route {i}" not in dead}
    problems += [
        Problem("unreachable zone", zone, f"{zone} is deployed, and no route leads to it")
        for zone in zones
        if zone not in reached
    ]
    problems += [
        Problem("no catch-all", host, f"{host}: paths that no route names get no answer")
        for host in hosts
        if not any(takes_host(route.host, host) and not segments(route.path) for route in routes)
    ]
    return RouteReport(tuple(problems))


def wrong_hosts(routes: Sequence[Route], hosts: Sequence[str]) -> Iterator[Problem]:
    """Find routes for hosts that do not lead here."""
    for i, route in enumerate(routes, 1):
        if not any(takes_host(route.host, host) for host in hosts):
            says = f"route {i}, {route}, waits for a host that does not lead here"
            yield Problem("wrong host", f"route {i}", says)


def shadowed(routes: Sequence[Route], hosts: Sequence[str], order: Order) -> Iterator[Problem]:
    """Find routes whose requests are all taken by others.

    What a route takes on one host is a tree of paths, and each other route that reaches
    into it takes a tree as well: all of it, or a part that leaves the root. So the route
    is dead where the request for its very path goes to others on every host it takes.
    """
    for i, route in enumerate(routes):
        taken = [host for host in hosts if takes_host(route.host, host)]
        winners = [find_place(routes, host, route.path, order) for host in taken]
        if winners and i not in winners:
            other = winners[0] or 0  # never None: the route itself fits
            yield Problem(
                "shadowed",
                f"route {i + 1}",
                f"route {i + 1}, {route}, never answers: route {other + 1}, {routes[other]}, "
                "takes all of it first",
            )


def send_to_zones(
    routes: Sequence[Route], requests: Iterable[tuple[str, str]], order: Order = "longest prefix"
) -> dict[str, int]:
    """Count the requests of each zone, the busiest first; "404" where no route takes one.

    Parameters
    ----------
    requests
        Host and path of each.

    Examples
    --------
    >>> send_to_zones([Route("cart", "/cart")], [("a.example", "/cart/1"), ("a.example", "/")])
    {'cart': 1, '404': 1}
    """
    counts: dict[str, int] = {}
    for host, path in requests:
        route = find_route(routes, host, path, order)
        zone = route.zone if route else "404"
        counts[zone] = counts.get(zone, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def check_order(order: str) -> None:
    """Refuse an order that is not known."""
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
