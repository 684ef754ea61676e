"""Which zone answers, and what a checker says of a table that somebody broke."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.load_balancing.routing import (
    ORDERS,
    Route,
    check_routes,
    find_route,
    send_to_zones,
    takes_host,
    takes_path,
)

SHOP = [
    Route("cart", "/cart"),
    Route("checkout", "/cart/checkout"),
    Route("account", "/account", "shop.example"),
    Route("admin", "/", "admin.shop.example"),
    Route("shop", "/"),
]
ZONES = ["shop", "cart", "checkout", "account", "admin"]
HOSTS = ["shop.example", "admin.shop.example"]


def check(routes, order="longest prefix", zones=ZONES, hosts=HOSTS):
    return check_routes(routes, zones=zones, hosts=hosts, order=order)


@pytest.mark.parametrize(
    ("host", "path", "longest", "first"),
    [
        ("shop.example", "/", "shop", "shop"),
        ("shop.example", "/cart", "cart", "cart"),
        ("shop.example", "/cart/checkout/pay", "checkout", "cart"),
        ("shop.example", "/cartoons", "shop", "shop"),
        ("SHOP.example", "/account?tab=2", "account", "account"),
        ("admin.shop.example", "/account", "admin", "admin"),
        ("admin.shop.example", "/cart", "admin", "cart"),  # an exact host beats a long path
    ],
)
def test_the_route_is_the_one_worked_out_by_hand(host, path, longest, first):
    assert find_route(SHOP, host, path).zone == longest
    assert find_route(SHOP, host, path, order="first match").zone == first


def test_where_no_route_fits_there_is_none():
    assert find_route([Route("cart", "/cart")], "shop.example", "/") is None
    assert find_route([], "shop.example", "/", order="first match") is None


@pytest.mark.parametrize(
    ("pattern", "host", "takes"),
    [
        ("*", "shop.example", True),
        ("*.shop.example", "a.b.shop.example", True),
        ("*.shop.example", "shop.example", False),
        ("*.shop.example", "bishop.example", False),
        ("shop.example", "www.shop.example", False),
        ("shop.example", "Shop.example:8080", True),
        ("*.shop.example", "a.shop.example:443", True),
        ("localhost", "localhost:3000", True),
        ("*.Shop.example", "a.shop.example", True),
    ],
)
def test_a_star_stands_for_names_in_front(pattern, host, takes):
    assert takes_host(pattern, host) == takes


def test_the_narrowest_host_comes_before_the_longest_path():
    wide, narrow = Route("wide", "/cart", "*.example"), Route("narrow", "/", "*.shop.example")
    exact = Route("exact", "/", "a.shop.example")
    assert find_route([wide, narrow], "a.shop.example", "/cart") == narrow
    star = Route("star", "/cart", "*.shop.example")
    assert find_route([star, exact], "a.shop.example", "/cart") == exact


@given(st.lists(st.sampled_from(["a", "b", "ab"]), max_size=4), st.integers(0, 4))
def test_a_prefix_takes_whole_segments(parts, count):
    path = "/" + "/".join(parts)
    assert takes_path("/" + "/".join(parts[:count]), path)
    assert takes_path(path, path + "x") == (not parts)


ROUTES = st.builds(
    Route,
    zone=st.sampled_from(ZONES),
    path=st.sampled_from(["/", "/a", "/a/b", "/a/b/c", "/b"]),
    host=st.sampled_from(["*", "*.shop.example", "shop.example", "admin.shop.example"]),
)
PATHS = ["/", "/x", "/a", "/a/x", "/a/b", "/a/b/x", "/a/b/c", "/a/b/c/x", "/b", "/b/x"]


@given(st.lists(ROUTES, max_size=6, unique=True), st.sampled_from(ORDERS))
def test_a_route_is_called_shadowed_or_of_a_wrong_host_where_no_request_meets_it(routes, order):
    answering = {find_route(routes, host, path, order) for host in HOSTS for path in PATHS}
    expected = {f"route {i}" for i, route in enumerate(routes, 1) if route not in answering}
    found = check(routes, order).problems
    assert {p.where for p in found if p.kind in ("shadowed", "wrong host")} == expected


@given(st.lists(ROUTES, max_size=6), st.permutations(range(6)))
def test_with_longest_prefix_order_does_not_matter_among_different_routes(routes, order):
    unique = list({(route.host, route.path): route for route in routes}.values())
    shuffled = [unique[i] for i in order if i < len(unique)]
    for path in PATHS:
        found = [find_route(table, "shop.example", path) for table in (unique, shuffled)]
        assert found[0] == found[1]


# A table that somebody broke


def test_a_sound_table_has_no_problem():
    assert check(SHOP).kinds == []
    assert repr(check(SHOP)) == "No problem found."


def test_a_catch_all_at_the_top_shadows_all_below_where_the_first_match_counts():
    report = check([SHOP[-1], *SHOP[:-1]], "first match")
    assert report.kinds == ["shadowed"] * 4 + ["unreachable zone"] * 4
    assert "route 2, */cart → cart, never answers: route 1, */ → shop" in str(report)


def test_the_longer_route_below_the_shorter_one_is_shadowed():
    report = check(SHOP, "first match")
    assert report.kinds == ["shadowed", "unreachable zone"]
    assert report.problems[0].where == "route 2"
    assert report.problems[1].where == "checkout"


def test_the_same_route_twice_is_shadowed_in_either_order():
    twice = [*SHOP, Route("account", "/cart")]
    assert check(twice).kinds == ["shadowed"]
    assert check([SHOP[1], SHOP[0], *SHOP[2:], SHOP[0]], "first match").kinds == ["shadowed"]


def test_a_host_with_a_slip_is_found_and_so_is_the_zone_behind_it():
    slip = [SHOP[0], SHOP[1], Route("account", "/account", "shop.exmaple"), *SHOP[3:]]
    report = check(slip)
    assert report.kinds == ["wrong host", "unreachable zone"]
    assert "shop.exmaple" in str(report.problems[0])


def test_a_zone_that_was_renamed_is_unknown_and_the_new_one_unreachable():
    report = check(SHOP, zones=["shop", "basket", "checkout", "account", "admin"])
    assert report.kinds == ["unknown zone", "unreachable zone"]
    assert report.problems[1].where == "basket"


def test_without_a_catch_all_each_host_without_one_is_named():
    report = check(SHOP[:-1], zones=ZONES[1:])
    assert [(p.kind, p.where) for p in report.problems] == [("no catch-all", "shop.example")]


def test_requests_are_counted_by_zone_and_none_is_lost():
    requests = [("shop.example", path) for path in ("/", "/cart", "/cart/1", "/x")]
    assert send_to_zones(SHOP, requests) == {"shop": 2, "cart": 2}
    assert send_to_zones(SHOP[:1], requests) == {"404": 2, "cart": 2}
    assert list(send_to_zones(SHOP, requests[1:] + requests[3:])) == ["cart", "shop"]
    assert list(send_to_zones(SHOP, requests[1:2] + requests[3:] * 2)) == ["shop", "cart"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Route(""), "zone must have a name, got ''"),
        (lambda: Route("a", "a"), "path must begin with a slash, got 'a'"),
        (lambda: Route("a", "/", "https://a"), r"host must be a name, \*.name or \*, got 'https"),
        (lambda: Route("a", "/", "a.*"), r"host must be a name, \*.name or \*, got 'a.\*'"),
        (
            lambda: Route("a", "/", "*shop.example"),
            r"host must be a name, \*.name or \*, got '\*sh",
        ),
        (lambda: Route("a", "/", "*."), r"host must be a name, \*.name or \*, got '\*.'"),
        (lambda: Route("a", "/", " "), r"host must be a name, \*.name or \*, got ' '"),
        (lambda: Route("a", "/", "a:80"), r"host must be a name, \*.name or \*, got 'a:80'"),
        (lambda: Route("a", "/cart?x=1"), r"path must have no question mark, got '/cart\?x=1'"),
        (lambda: check(SHOP, hosts="shop.example"), "hosts must be a list of names, got 'shop.ex"),
        (lambda: check(SHOP, zones="shop"), "zones must be a list of names, got 'shop'"),
        (lambda: find_route(SHOP, "a", "/", "last"), "order must be one of longest prefix, first"),
        (lambda: check(SHOP, "last"), "order must be one of longest prefix, first match"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
