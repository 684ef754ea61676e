"""Model and reality: the same visits over a real socket, by a client that others wrote."""

import socket
import urllib.request

import pytest

from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import parse_date
from helpers.http_caching.policies import POLICIES, look_up
from helpers.http_caching.real_server import Comparison, Counted, compare, serving
from helpers.http_caching.site import DAY, HOUR, MONDAY, SHOP, Origin, Site


@pytest.mark.parametrize("deploys", [(), (12 * HOUR,)], ids=["no deploy", "a deploy"])
@pytest.mark.parametrize("gap", [HOUR // 2, DAY + HOUR])
def test_a_real_client_asks_for_what_the_model_s_asks_for(deploys, gap):
    comparison = compare(POLICIES, Site(SHOP, deploys), gap)
    assert comparison.agrees, str(comparison)
    counts = {name: real for name, _, real in comparison.rows}
    assert counts["no-store for all"].requests == 9
    assert counts["by kind"].requests < counts["no-cache for all"].requests


def test_a_row_that_differs_is_no_agreement():
    one, other = Counted(1, 0, 300), Counted(2, 0, 600)
    assert Comparison((("a", one, one),)).agrees
    assert not Comparison((("a", one, one), ("b", one, other))).agrees


def test_the_server_moves_its_dates_and_is_gone_after_the_block():
    clock = Clock(MONDAY)
    with serving(Origin(Site(SHOP), look_up({}), clock), shift=-1_000) as address:
        with urllib.request.urlopen(address + "/", timeout=5) as answer:
            assert parse_date(answer.headers["Date"]) == MONDAY - 1_000
            assert len(answer.read()) == SHOP[0].size
        host, port = address.removeprefix("http://").split(":")
    assert host == "127.0.0.1"
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((host, int(port)), timeout=0.5),
    ):
        pass
