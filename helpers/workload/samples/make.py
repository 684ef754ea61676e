"""Make the samples from a seed: `python -m helpers.workload.samples.make`.

Nothing here was ever measured. Hosts end in .example, addresses are from the ranges that
RFC 5737 and RFC 3849 keep for documentation, and what looks private was invented to show
that the readers leave it out.
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from helpers.workload.bursts import bursty
from helpers.workload.keys import AliasTable, zipf
from helpers.workload.randomness import as_generator

SEED = 2026
CLOCKS_CHANGE = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # Berlin goes from +0100 to +0200
NIGHT = CLOCKS_CHANGE - timedelta(minutes=30)

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/134.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "ExampleBot/2.1 (+https://bot.example/about)",
)
ASSETS = (
    ("/assets/main.3f2a91.js", 184_000),
    ("/assets/vendor.77b0c4.js", 312_000),
    ("/assets/main.0d41aa.css", 41_000),
    ("/assets/logo.svg", 4_200),
    ("/assets/inter.woff2", 48_000),
    ("/assets/hero.avif", 96_000),
)
PAGES = ("/", "/sale", "/cart", "/search?q=running+shoes", "/account?token=made-up-0b9c")
PRODUCTS = tuple(f"/products/{number}" for number in range(1, 61))
CALLS = ("/api/cart", "/api/session", "/api/prices?ids=1,2,3", "/api/recommendations?user=4711")

BROKEN = {
    90: b"    at renderPage (/srv/shop/server.js:214:17)",
    91: b"TypeError: Cannot read properties of undefined (reading 'price')",
    300: b'203.0.113.77 - - [31/Feb/2026:01:38:02 +0100] "GET / HTTP/1.1" 200 9120 "-" "-"',
    301: b"",
    512: b"\x00\x00\x00\x17\x03\x03\xff\xfe\x80",
    777: b'203.0.113.8 - - [29/Mar/2026:03:02:11 +0200] "GET /cart HTTP/1.1" - - "-" "-"',
    950: b"",
    1003: b'198.51.100.23 - - [29/Mar/2026:03:12:40 +0200] "GET /sale HTTP/1.1" 200 81',
    1100: b'198.51.100.9 - - [29/Mar/2026:03:18:55 +0200] "GET / HTTP/1.1" 200 9120 "https://sh',
}


def access_log() -> bytes:
    """Give an hour of a shop's front page, in which the clocks go forward."""
    arrivals = bursty(
        0.35, duration=3600, burst_ratio=25, burst_length=4, calm_length=26, rng=SEED
    ).arrival_time
    generator = as_generator(SEED, "log")
    paths = AliasTable.of(zipf(len(targets()), 0.9)).draw(arrivals.size, generator)
    clients = AliasTable.of(zipf(len(addresses()), 0.6)).draw(arrivals.size, generator)
    lines = [
        log_line(seconds, targets()[path], addresses()[client], client, generator)
        for seconds, path, client in zip(arrivals.tolist(), paths, clients, strict=True)
    ]
    for late in (40, 41, 333, 700, 1010):  # a worker process that wrote late
        lines.insert(late + 6, lines.pop(late))
    for number, line in sorted(BROKEN.items()):
        lines.insert(number - 1, line)
    return b"\n".join(lines) + b"\n"


def targets() -> list[tuple[str, int]]:
    """Give what is asked for, the most popular first, with its median size in bytes."""
    pages = [(page, 9_000) for page in PAGES]
    calls = [(call, 1_400) for call in CALLS]
    products = [(product, 12_000) for product in PRODUCTS]
    return [pages[0], *ASSETS, *calls, *pages[1:], *products]


def addresses() -> list[str]:
    """Give the clients' addresses, the busiest first."""
    old = [f"{net}.{host}" for host in range(1, 70) for net in ("192.0.2", "198.51.100")]
    new = [f"2001:db8::{host:x}" for host in range(1, 40)]
    return [*old[:60], *new, *old[60:]]


def log_line(
    seconds: float,
    target: tuple[str, int],
    address: str,
    client: int,
    generator: np.random.Generator,
) -> bytes:
    """Write a request in the Combined Log Format with nginx's request time behind it."""
    path, median = target
    chance, took, size = generator.random(), generator.standard_normal(), generator.normal(1, 0.02)
    moment = NIGHT + timedelta(seconds=seconds)
    offset = timezone(timedelta(hours=2 if moment >= CLOCKS_CHANGE else 1))
    is_asset = path.startswith("/assets/")
    status, sent = 200, int(median * size)
    if is_asset and chance < 0.25:
        status, sent = 304, 0
    elif chance > 0.985:
        status, sent = (500, 612) if path.startswith("/api/") else (404, 1_534)
    slow = 0.002 if is_asset else 0.045
    request = f"GET {path} HTTP/1.1"
    if chance > 0.999:  # somebody spoke TLS to the plain port
        request, status, sent = r"\x16\x03\x01\x00", 400, 157
    return (
        f"{address} - - [{moment.astimezone(offset):%d/%b/%Y:%H:%M:%S %z}] "
        f'"{request}" {status} {sent} '
        f'"https://shop.example/" "{AGENTS[client % len(AGENTS)]}" rt={slow * 2.2**took:.3f}'
    ).encode()


def har() -> bytes:
    """Give one load of the shop's front page as a browser saves it."""
    generator = as_generator(SEED, "har")
    entries = [har_entry(0.0, "https://shop.example/", 9_120, 180.0, "document")]
    for path, size in ASSETS:
        wait = 190 + 40 * generator.random()
        entries.append(har_entry(wait, f"https://cdn.example{path}", size, size / 2_000, "script"))
    entries[4]["_fromCache"] = "disk"
    entries[4]["response"]["_transferSize"] = 0
    for product in PRODUCTS[:24]:
        wait = 420 + 300 * generator.random()
        url = f"https://img.example{product}.avif?w=640&sig=made-up-77aa"
        entries.append(har_entry(wait, url, int(21_000 * 1.6 ** generator.normal()), 60.0, "image"))
    for call in CALLS:
        wait = 450 + 80 * generator.random()
        took = 90 * 1.8 ** generator.normal()
        entries.append(har_entry(wait, f"https://shop.example{call}", 1_400, took, "fetch"))
    entries.sort(key=lambda entry: entry["startedDateTime"])
    entries += [
        har_entry(700.0, "https://stats.example/collect?visitor=made-up-31f2", 43, 33.0, "ping"),
        har_entry(455.0, "data:image/gif;base64,R0lGODlhAQABAAAAACw=", 43, 0.1, "image"),
        har_entry(460.0, "https://shop.example/api/stock", 300, 40.0, "fetch"),
        har_entry(470.0, "https://ads.example/slot?id=9", 0, -1.0, "script"),
    ]
    del entries[-2]["startedDateTime"]
    entries[-1]["response"] = {"status": 0, "bodySize": -1, "headersSize": -1, "content": {}}
    creator = {"name": "architecture-course", "version": "made-up data"}
    log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries}
    return (json.dumps({"log": log}, indent=1) + "\n").encode()


def har_entry(milliseconds: float, url: str, size: int, took: float, kind: str) -> dict[str, Any]:
    """Write one request the way Chrome does, with fields that a workload does not need."""
    started = CLOCKS_CHANGE + timedelta(milliseconds=round(milliseconds, 3))
    cookie = {"name": "Cookie", "value": "session=made-up-5f3d"}
    return {
        "startedDateTime": f"{started:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "time": round(took, 3),
        "_resourceType": kind,
        "request": {"method": "GET", "url": url, "headers": [cookie]},
        "response": {
            "status": 200,
            "headersSize": 320,
            "bodySize": size,
            "_transferSize": size + 320,
            "content": {"size": size * 3, "mimeType": "text/plain"},
        },
    }


if __name__ == "__main__":
    folder = Path(__file__).parent
    (folder / "access.log").write_bytes(access_log())
    (folder / "shop.har").write_bytes(har())
