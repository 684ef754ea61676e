"""The suite's client, in process: it runs a test against a cache and judges what came.

A port of what `client/test.mjs` and `client/fetching.mjs` of the suite do. A pause of three
seconds moves the clock; nothing waits.
"""

import copy
import math
import re
from collections.abc import Callable
from typing import Any

from helpers.http_caching.clock import Clock
from helpers.http_caching.messages import Request, Response
from tools.cache_tests.origin import NO_BODY, TestOrigin, fix

PAUSE = 3.0
START = 1_750_000_000.0
HIDDEN_FROM_SCRIPTS = {"set-cookie", "set-cookie2"}
"""Fields that a page's script cannot see in a browser."""

Step = dict[str, Any]
Fetch = Callable[[Request], Response]
MakeCache = Callable[[Fetch, Clock], Fetch]


class Failure(Exception):  # noqa: N818 - the suite's own word
    """A check failed: `kind` is "Assertion", or "Setup" where it only prepares the test."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def check(is_setup: bool, holds: bool, message: str) -> None:
    """Fail as the suite does."""
    if not holds:
        raise Failure("Setup" if is_setup else "Assertion", message)


def run_test(test: dict[str, Any], make_cache: MakeCache, is_browser: bool) -> Any:
    """Run a test against a new cache.

    Returns
    -------
    True, or a pair of what failed and why, as in the suite's own files.
    """
    test = copy.deepcopy(test)
    steps: list[Step] = test["requests"]
    clock = Clock(START)
    origin = TestOrigin(copy.deepcopy(steps), f"body of {test['id']}", clock)
    fetch = make_cache(origin, clock)
    responses: list[Response] = []
    try:
        for i, step in enumerate(steps):
            request = make_request(test, step, i, responses, is_browser)
            response = fetch(request)
            responses.append(response)
            check_response(step, i + 1, request, response, origin.token)
            if "pause_after" in step:
                clock.advance(PAUSE)
        check_origin(steps, responses, origin.seen, is_browser)
    except Failure as failure:
        return [failure.kind, str(failure)]
    except OSError as error:
        return ["FetchError", str(error)]
    return True


def make_request(
    test: dict[str, Any], step: Step, i: int, responses: list[Response], is_browser: bool
) -> Request:
    """Put a step's request together."""
    headers = [["Pragma", "foo"], ["Cache-Control", "nothing-to-see-here"]]
    headers = step.get("request_headers", [] if is_browser else headers)
    if step.get("magic_ims") is True:
        now = int(responses[-1].get("Server-Now") or 0) / 1000
        headers = [[name, fix([name, value], step, now, "")] for name, value in headers]
    if step.get("cache") == "no-cache":  # what the Fetch standard makes of it
        headers = [*headers, ["Cache-Control", "max-age=0"]]
    headers = [
        *headers,
        ["Test-Name", test["name"]],
        ["Test-ID", test["id"]],
        ["Req-Num", str(i + 1)],
    ]
    url = f"http://cache.test/test/{test['id']}"
    url += f"/{step['filename']}" if "filename" in step else ""
    url += f"?{step['query_arg']}" if "query_arg" in step else ""
    return Request(
        url,
        step.get("request_method", "GET"),
        [(name, str(value)) for name, value in headers],
        step.get("request_body", "").encode(),
    )


def is_setup(step: Step, member: str) -> bool:
    """Tell whether a check only prepares the test."""
    return step.get("setup") is True or member in step.get("setup_tests", ())


def number_of(text: str | None) -> float:
    """Read a number as JavaScript's parseInt does."""
    found = re.match(r"\s*[+-]?\d+", text or "")
    return int(found[0]) if found else math.nan


# What the client received


def check_response(
    step: Step, number: int, request: Request, response: Response, token: str
) -> None:
    """Judge an answer as it comes: where from, status, fields, body."""
    numbers = (response.get("Request-Numbers") or "").split()
    check(True, len(numbers) == len(set(numbers)), "retry")
    check_source(step, number, response)
    check_status(step, number, response)
    check_fields(step, number, response)
    check_body(step, number, request, response, token)


def check_source(step: Step, number: int, response: Response) -> None:
    count = number_of(response.get("Server-Request-Count"))
    expected, setup = step.get("expected_type"), is_setup(step, "expected_type")
    if expected == "cached" and not (response.status == 304 and math.isnan(count)):
        check(setup, count < number, f"Response {number} does not come from cache")
    if expected == "not_cached":
        check(setup, count == number, f"Response {number} comes from cache")


def check_status(step: Step, number: int, response: Response) -> None:
    if "expected_status" in step:
        expected, setup = step["expected_status"], is_setup(step, "expected_status")
    elif "response_status" in step:
        expected, setup = step["response_status"][0], True
    elif response.status == 999:
        setup = is_setup(step, "expected_type")
        check(setup, False, f"Request {number} should have been conditional, but it was not.")
        return
    else:
        expected, setup = 200, True
    told = f"Response {number} status is {response.status}, not {expected}"
    check(setup, response.status == expected, told)


def check_fields(step: Step, number: int, response: Response) -> None:
    setup = is_setup(step, "expected_response_headers")
    for header in step.get("expected_response_headers", ()):
        name = header if isinstance(header, str) else header[0]
        value = response.get(name)
        check(setup, isinstance(header, list) or value is not None, f"{name} is not present")
        if isinstance(header, list) and len(header) > 2:
            is_right = (
                value == response.get(header[2])
                if header[1] == "="
                else number_of(value) > header[2]
            )
            told = f"should be {header[1]} {header[2]}"
            check(setup, value is not None and is_right, f"Response {number} {name}: {told}")
        elif isinstance(header, list):
            now = number_of(response.get("Server-Now")) / 1000
            base = response.get("Server-Base-Url") or ""
            expected = fix(list(header), step, now, base)
            told = f'Response {number} header {name} is "{value}", not "{expected}"'
            check(setup, value == expected, told)
    setup = is_setup(step, "expected_response_headers_missing")
    for header in step.get("expected_response_headers_missing", ()):
        name, unwanted = (header, "") if isinstance(header, str) else header
        value = response.get(name)
        told = f'Response {number} includes unexpected header {name}: "{value}"'
        check(setup, value is None or unwanted not in value, told)


def check_body(step: Step, number: int, request: Request, response: Response, token: str) -> None:
    body = response.body.decode()
    expected, setup = step.get("response_body"), True
    if step.get("check_body") is False:
        return
    if "expected_response_text" in step:
        expected, setup = step["expected_response_text"], is_setup(step, "expected_response_text")
        expected = body if expected is None else expected
    elif expected is None:
        has_none = response.status in NO_BODY or request.method == "HEAD"
        expected = body if has_none else token
    check(setup, body == expected, f'Response {number} body is "{body}", not "{expected}"')


# What the server saw


def check_origin(
    steps: list[Step], responses: list[Response], seen: list[dict[str, Any]], is_browser: bool
) -> None:
    """Judge which requests the cache sent on, and how."""
    position = 0
    for i, step in enumerate(steps):
        if step.get("expected_type") == "cached":
            continue  # the server does not see it
        if position >= len(seen):
            needs_it = step.get("expected_type") or "expected_method" in step
            needs_it = needs_it or step.get("expected_request_headers")
            setup = is_setup(step, "expected_type")
            check(setup, not needs_it, f"request {i + 1} wasn't sent to server")
            continue
        check_seen(step, i + 1, responses[i], seen[position], is_browser)
        position += 1


def check_seen(
    step: Step, number: int, response: Response, seen: dict[str, Any], is_browser: bool
) -> None:
    setup, expected = is_setup(step, "expected_type"), step.get("expected_type")
    if expected == "not_cached":
        check(setup, seen["request_num"] == number, f"Response {number} comes from cache")
    condition = {"etag_validated": "if-none-match", "lm_validated": "if-modified-since"}
    name = condition.get(expected or "")
    if name:
        check(setup, name in seen["headers"], f"request {number} doesn't have {name} header")
    setup = is_setup(step, "expected_request_headers")
    for header in step.get("expected_request_headers", ()):
        name = header if isinstance(header, str) else header[0]
        value = seen["headers"].get(name.lower())
        is_right = value is not None if isinstance(header, str) else value == header[1]
        check(setup, is_right, f'Request {number} header {name} is "{value}"')
    for name, values in seen["response_headers"]:
        if name.lower() == "date" or (is_browser and name.lower() in HIDDEN_FROM_SCRIPTS):
            continue
        got, sent = response.get(name), ", ".join(values)
        check(True, got == sent, f'Response {number} header {name} is "{got}", not "{sent}"')
    if "expected_method" in step:
        is_right = seen["method"] == step["expected_method"]
        check(is_setup(step, "expected_method"), is_right, f"Request {number} was {seen['method']}")
