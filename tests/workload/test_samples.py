"""The samples are made up, are what the script makes, and hold what they promise."""

import re

import pytest

from helpers.workload import from_access_log, sample
from helpers.workload.samples import make


@pytest.mark.parametrize(
    ("name", "made"), [("access.log", make.access_log), ("shop.har", make.har)]
)
def test_a_sample_is_what_the_script_makes(name, made):
    assert sample(name).read_bytes() == made()


def test_every_address_is_kept_for_documentation():
    log = sample("access.log").read_bytes()
    found = {line.split(b" ")[0] for line in log.splitlines() if b" - - [" in line}
    assert len(found) > 100
    allowed = re.compile(rb"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::[0-9a-f]+")
    assert [address for address in found if not allowed.fullmatch(address)] == []


def test_the_sample_covers_an_hour_in_which_the_clocks_change():
    workload = from_access_log(sample("access.log"))
    assert 3500 < workload.duration < 3600
    assert workload.interarrival_scv > 2
    assert set(workload.status) == {200, 304, 400, 404, 500}
    assert workload.interarrival_times.max() < 120


def test_an_unknown_sample_is_named():
    with pytest.raises(ValueError, match=r"name must be one of access.log, shop.har, got 'x'"):
        sample("x")
