"""The cache: short stories of a client, a cache and an origin, by a clock moved by hand."""

import pytest

from helpers.http_caching.clock import Clock
from helpers.http_caching.freshness import format_date
from helpers.http_caching.http_cache import HttpCache
from helpers.http_caching.messages import Request, Response

GET = Request("https://site.test/page")
EVERY_CACHE = pytest.mark.parametrize("shared", [True, False], ids=["shared", "private"])


class Origin:
    """Answers in turn, the last answer for ever, and notes what it was asked.

    An answer may be a response, a function of the request, or an error to raise. It knows
    its own validators: a request that shows the current one gets a 304.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        answer = answer(request) if callable(answer) else answer
        tag, date = answer.get("ETag"), answer.get("Last-Modified")
        shown = (request.get("If-None-Match"), request.get("If-Modified-Since"))
        if answer.status == 200 and ((tag and tag == shown[0]) or (date and date == shown[1])):
            return Response(304, answer.headers)
        return answer


class Story:
    """A cache before an origin."""

    def __init__(self, *answers, shared):
        self.clock = Clock()
        self.origin = Origin(*answers)
        self.cache = HttpCache(self.origin, self.clock, shared=shared)

    def fetch(self, after=0, url=GET.url, method="GET", **headers):
        """Wait, then ask; fields by their names."""
        self.clock.advance(after)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.cache.fetch(Request(url, method, named))

    def kinds(self, *afters, **headers):
        """Ask several times, and give what the cache made of each."""
        return [self.fetch(after, **headers).verdict.kind for after in afters]


def page(cache_control="", body=b"page", status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {"Cache-Control": cache_control} if cache_control else {}
    return Response(status, {**told, **named}, body)


@EVERY_CACHE
class TestEveryCache:
    """What holds for a browser's cache and for a shared one."""

    @pytest.fixture
    def tell(self, shared):
        return lambda *answers: Story(*answers, shared=shared)

    # Fresh, and no longer

    def test_a_fresh_response_is_used_until_its_lifetime_is_over(self, tell):
        story = tell(page("max-age=60"))
        assert story.kinds(0, 1, 58.5, 0.5, 59) == ["miss", "hit", "hit", "miss", "hit"]
        assert len(story.origin.asked) == 2

    def test_an_answer_from_the_cache_is_what_the_origin_sent_with_its_age(self, tell):
        story = tell(page("max-age=60", ETag='"v"', Age="4"))
        first, second = story.fetch(), story.fetch(after=10)
        assert second.body == first.body == b"page"
        assert second.get("Date") == first.get("Date") == format_date(story.clock.now - 10)
        assert (first.get("Age"), second.get("Age")) == ("4", "14")
        assert second.verdict.age == 14
        assert second.verdict.lifetime == 60

    def test_the_time_that_the_origin_takes_counts_as_age(self, tell):
        def slow(request):
            story.clock.advance(7)
            return page("max-age=60")

        story = tell(slow)
        story.fetch()
        assert story.fetch(after=1).get("Age") == "8"

    def test_caches_in_a_row_count_the_age_once(self, tell, shared):
        story = tell(page("max-age=60"))
        browser = HttpCache(story.cache.fetch, story.clock, shared=False)
        story.fetch()
        story.clock.advance(20)
        assert browser.fetch(GET).get("Age") == "20"
        story.clock.advance(30)
        assert browser.fetch(GET).verdict.kind == "hit"
        story.clock.advance(10)
        assert browser.fetch(GET).verdict.kind == "miss"
        assert len(story.origin.asked) == 2

    @pytest.mark.parametrize("url", ["https://site.test/page?a=1", "https://site.test/Page"])
    def test_another_address_is_another_thing(self, tell, url):
        story = tell(page("max-age=60"))
        story.fetch()
        assert story.fetch(url=url).verdict.kind == "miss"

    def test_a_fragment_is_the_clients_own_business(self, tell):
        story = tell(page("max-age=60"))
        story.fetch(url=f"{GET.url}#end")
        assert story.fetch(url=f"{GET.url}#top").verdict.kind == "hit"
        assert [asked.url for asked in story.origin.asked] == [GET.url]

    @pytest.mark.parametrize("url", ["HTTPS://Site.Test/page", "https://SITE.test/page#top"])
    def test_case_does_not_count_in_scheme_and_host(self, tell, url):
        story = tell(page("max-age=60"))
        story.fetch()
        assert story.fetch(url=url).verdict.kind == "hit"
        assert "dropped" in story.fetch(url=url, method="POST").verdict.reason

    def test_a_host_without_a_path_is_its_first_page(self, tell):
        story = tell(page("max-age=60"))
        story.fetch(url="https://site.test?a")
        assert story.fetch(url="https://site.test/?a").verdict.kind == "hit"
        assert story.fetch(url="https://site.test/").verdict.kind == "miss"

    # What must not be kept

    @pytest.mark.parametrize(
        ("response", "reason"),
        [
            (page("no-store"), "no-store"),
            (page("no-store, max-age=60"), "no-store"),
            (page("max-age=60", Vary="*"), "Vary: *"),
            (page("max-age=60", Vary="Accept, *"), "Vary: *"),
            (page(status=302), "nothing says how long a 302 keeps"),
            (page("must-understand, max-age=60", status=599), "599 is not understood"),
            (page("max-age=60", status=206), "Content-Range cannot be used"),
            (page("max-age=60", status=103), "a 103 is not the final answer"),
            (page("max-age=60", status=412), "a 412 is about this request"),
            (page("max-age=60", status=416), "a 416 is about this request"),
            (
                Response(headers=[("Cache-Control", 'a="'), ("Cache-Control", "no-store")]),
                "no-store",
            ),
        ],
    )
    def test_some_responses_are_not_kept_and_the_reason_is_told(self, tell, response, reason):
        story = tell(response)
        verdict = story.fetch().verdict
        assert not verdict.is_stored
        assert reason in verdict.not_stored
        assert len(story.cache.storage) == 0

    def test_no_store_gives_way_to_must_understand_where_the_status_is_understood(self, tell):
        assert tell(page("must-understand, no-store, max-age=60")).fetch().verdict.is_stored

    def test_a_request_may_forbid_to_keep_the_answer(self, tell):
        story = tell(page("max-age=60"))
        assert "no-store" in story.fetch(Cache_Control="no-store").verdict.not_stored
        assert story.fetch().verdict.kind == "miss"

    @pytest.mark.parametrize("status", [200, 203, 204, 301, 404, 410, 500, 503])
    def test_any_final_status_is_kept_for_as_long_as_it_says(self, tell, status):
        assert tell(page("max-age=60", status=status)).kinds(0, 59, 1) == ["miss", "hit", "miss"]

    def test_fields_for_the_next_hop_are_not_kept(self, tell):
        story = tell(page("max-age=60", Connection="X-Hop", X_Hop="1", TE="trailers", X_End="2"))
        story.fetch()
        answer = story.fetch()
        assert (answer.get("X-Hop"), answer.get("TE"), answer.get("X-End")) == (None, None, "2")

    def test_fields_for_the_next_hop_do_not_reach_the_origin(self, tell):
        story = tell(page())
        story.fetch(Connection="X-Hop", X_Hop="1", Proxy_Authorization="me", Accept="a")
        assert story.origin.asked[0].headers == (("Accept", "a"),)

    def test_set_cookie_is_kept_as_any_other_field(self, tell):
        two = Response(
            headers=[("Set-Cookie", "a"), ("Cache-Control", "max-age=9"), ("set-cookie", "b")]
        )
        story = tell(two)
        story.fetch()
        assert story.fetch().lines("Set-Cookie") == ("a", "b")

    # Validation

    def test_a_stale_response_is_asked_about_and_used_again_where_it_still_holds(self, tell):
        story = tell(page("max-age=60", ETag='"v1"'))
        assert story.kinds(0, 60, 59, 1) == ["miss", "revalidated", "hit", "revalidated"]
        assert [asked.get("If-None-Match") for asked in story.origin.asked] == [
            None,
            '"v1"',
            '"v1"',
        ]

    def test_a_date_is_shown_too(self, tell):
        date = format_date(1_000_000_000)
        story = tell(page("max-age=60", Last_Modified=date))
        assert story.kinds(0, 60) == ["miss", "revalidated"]
        assert story.origin.asked[1].get("If-Modified-Since") == date

    def test_no_cache_is_kept_and_asked_about_every_time(self, tell):
        story = tell(page("no-cache, max-age=60", ETag='"v1"'))
        assert story.kinds(0, 0, 1) == ["miss", "revalidated", "revalidated"]

    def test_no_cache_with_names_lets_the_rest_be_used(self, tell):
        story = tell(page('max-age=60, no-cache="X-Secret"', X_Secret="1", X_Open="2", ETag='"v"'))
        assert story.fetch().get("X-Secret") == "1"
        hit = story.fetch()
        assert (hit.get("X-Secret"), hit.get("X-Open")) == (None, "2")
        assert story.fetch(after=60).get("X-Secret") == "1"  # found valid: may be sent

    def test_a_304_brings_new_fields_but_for_those_of_the_kept_bytes(self, tell):
        old = page("max-age=1", ETag='"v"', X="1", Y="1", Content_Encoding="gzip", Age="9")
        update = Response(
            304,
            [
                ("ETag", '"v"'),
                ("X", "2"),
                ("Cache-Control", "max-age=60"),
                ("Content-Encoding", "br"),
            ],
        )
        story = tell(old, update)
        story.fetch()
        fresh = story.fetch(after=9)
        assert (fresh.status, fresh.body) == (200, b"page")
        assert [fresh.get(name) for name in ("X", "Y", "Content-Encoding")] == ["2", "1", "gzip"]
        assert fresh.get("Age") == "0"
        assert story.fetch(after=59).verdict.kind == "hit"

    def test_a_304_about_another_version_is_not_believed(self, tell):
        story = tell(
            page("max-age=1", b"old", ETag='"v1"'),
            Response(304, {"ETag": '"v2"'}),
            page("max-age=60", b"new", ETag='"v2"'),
        )
        story.fetch()
        answer = story.fetch(after=9)
        assert (answer.body, len(story.origin.asked)) == (b"new", 3)
        assert story.origin.asked[2].get("If-None-Match") is None

    def test_a_304_that_says_no_store_ends_the_keeping(self, tell):
        story = tell(page("max-age=1", ETag='"v"'), Response(304, {"Cache-Control": "no-store"}))
        story.fetch()
        answer = story.fetch(after=9)
        assert (answer.body, answer.verdict.kind) == (b"page", "revalidated")
        assert (answer.verdict.is_stored, answer.verdict.not_stored) == (False, "no-store")
        assert len(story.cache.storage) == 0

    def test_a_request_s_no_store_leaves_what_is_kept_as_it_was(self, tell):
        story = tell(page("max-age=60", ETag='"v"'))
        story.fetch()
        asked = story.fetch(after=60, Cache_Control="no-store").verdict
        assert (asked.kind, asked.is_stored) == ("revalidated", False)
        assert story.fetch().verdict.kind == "revalidated"

    def test_a_new_version_takes_the_place_of_the_old_one(self, tell):
        story = tell(page("max-age=9", b"old", ETag='"v1"'), page("max-age=9", b"new", ETag='"v2"'))
        story.fetch()
        answers = [story.fetch(after=9), story.fetch()]
        assert [answer.body for answer in answers] == [b"new", b"new"]
        assert len(story.cache.storage) == 1

    def test_what_is_gone_is_not_remembered(self, tell):
        gone = page("no-store", status=404)
        story = tell(page("max-age=9", ETag='"v1"'), gone, ConnectionError())
        assert [story.fetch(after=9).status for _ in range(3)] == [200, 404, 504]

    # The client's own conditions

    @pytest.mark.parametrize(
        ("kept", "asked", "status"),
        [
            ('"v1"', '"v1"', 304),
            ('W/"v1"', '"v1"', 304),
            ('"v1"', '"v0", W/"v1"', 304),
            ('"v1"', "*", 304),
            ('"a,b"', '"a,b"', 304),
            ('"v1"', '"v2"', 200),
        ],
    )
    def test_the_cache_itself_answers_if_none_match(self, tell, kept, asked, status):
        story = tell(page("max-age=60", ETag=kept, X="1"))
        story.fetch()
        answer = story.fetch(If_None_Match=asked)
        assert answer.status == status
        assert answer.body == (b"" if status == 304 else b"page")
        assert answer.get("ETag") == kept
        assert len(story.origin.asked) == 1

    @pytest.mark.parametrize(("since", "status"), [(-1, 200), (0, 304), (1, 304)])
    def test_the_cache_itself_answers_if_modified_since(self, tell, since, status):
        changed = 1_000_000_000
        story = tell(page("max-age=60", Last_Modified=format_date(changed)))
        story.fetch()
        assert story.fetch(If_Modified_Since=format_date(changed + since)).status == status

    def test_if_none_match_goes_before_if_modified_since(self, tell):
        date = format_date(1_000_000_000)
        story = tell(page("max-age=60", ETag='"v1"', Last_Modified=date))
        story.fetch()
        assert story.fetch(If_None_Match='"v0"', If_Modified_Since=date).status == 200

    def test_the_cache_asks_with_its_own_validator_and_then_judges_the_clients(self, tell):
        story = tell(
            page("max-age=1", b"old", ETag='"v1"'), page("max-age=60", b"new", ETag='"v2"')
        )
        story.fetch()
        answer = story.fetch(after=9, If_None_Match='"v2"')
        assert story.origin.asked[1].get("If-None-Match") == '"v1"'
        assert (answer.status, answer.body) == (304, b"")
        assert story.fetch().body == b"new"

    def test_a_condition_is_about_a_page_that_is_there(self, tell):
        story = tell(page("max-age=60", status=404, ETag='"v1"'))
        story.fetch()
        assert story.fetch(If_None_Match='"v1"').status == 404

    def test_conditions_for_the_origin_go_to_the_origin(self, tell):
        story = tell(page("max-age=60", ETag='"v1"'))
        story.fetch()
        assert story.fetch(If_Match='"v1"').verdict.forward == "bypass"
        assert len(story.origin.asked) == 2

    # What a request may ask for

    @pytest.mark.parametrize(
        ("asked", "kind"),
        [
            ("no-cache", "revalidated"),
            ("max-age=9", "revalidated"),
            ("max-age=10", "hit"),
            ("max-age=x", "revalidated"),
            ("min-fresh=50", "hit"),
            ("min-fresh=51", "revalidated"),
            ("only-if-cached", "hit"),
            ("no-store", "hit"),
        ],
    )
    def test_a_request_may_ask_for_fresher_than_fresh(self, tell, asked, kind):
        story = tell(page("max-age=60", ETag='"v"'))
        assert story.kinds(0) == ["miss"]
        assert story.fetch(after=10, Cache_Control=asked).verdict.kind == kind

    @pytest.mark.parametrize(
        ("asked", "kind"),
        [
            ("max-stale", "stale"),
            ("max-stale=10", "stale"),
            ("max-stale=9", "revalidated"),
            ("max-stale=x", "revalidated"),
            ("max-stale, max-age=69", "revalidated"),
            ("only-if-cached", "error"),
            ("", "revalidated"),
        ],
    )
    def test_a_request_may_take_what_is_stale(self, tell, asked, kind):
        story = tell(page("max-age=60", ETag='"v"'))
        story.fetch()
        assert story.fetch(after=70, Cache_Control=asked).verdict.kind == kind

    def test_only_if_cached_never_reaches_the_origin(self, tell):
        story = tell(page("max-age=60"))
        assert story.fetch(Cache_Control="only-if-cached").status == 504
        assert story.origin.asked == []

    def test_pragma_is_of_the_past(self, tell):
        story = tell(page("max-age=60", Pragma="no-cache"))
        assert story.kinds(0, 1, Pragma="no-cache") == ["miss", "hit"]

    # Stale, with permission

    def test_stale_while_revalidate_answers_at_once_and_asks_behind(self, tell):
        first = page("max-age=60, stale-while-revalidate=30", b"old", ETag='"v1"')
        second = page("max-age=60, stale-while-revalidate=30", b"new", ETag='"v2"')
        story = tell(first, second)
        story.fetch()
        answers = [story.fetch(after=89.5), story.fetch()]
        assert [(a.verdict.kind, a.body) for a in answers] == [("stale", b"old"), ("hit", b"new")]
        assert [line.is_behind for line in story.cache.log] == [False, True, False, False]
        assert dict(story.cache.counts) == {"miss": 1, "stale": 1, "hit": 1}

    def test_stale_while_revalidate_has_an_end(self, tell):
        story = tell(page("max-age=60, stale-while-revalidate=30", ETag='"v1"'))
        assert story.kinds(0, 90, 90.5) == ["miss", "stale", "revalidated"]

    def test_an_answer_stays_stale_where_the_asking_behind_fails(self, tell):
        story = tell(page("max-age=60, stale-while-revalidate=30", ETag='"v"'), ConnectionError())
        assert story.kinds(0, 61, 1) == ["miss", "stale", "stale"]

    @pytest.mark.parametrize("trouble", [page(status=503), page(status=500), ConnectionError()])
    def test_stale_if_error_bridges_an_outage_until_its_end(self, tell, trouble):
        story = tell(page("max-age=60, stale-if-error=600"), trouble)
        assert [story.fetch(after=after).body for after in (0, 660)] == [b"page", b"page"]
        assert story.fetch(after=0.5).status >= 500

    def test_a_cache_that_is_cut_off_may_serve_stale_but_an_error_is_passed_on(self, tell):
        cut_off = tell(page("max-age=1"), ConnectionError())
        assert cut_off.kinds(0, 9) == ["miss", "stale"]
        assert cut_off.fetch().verdict.cache_status("me") == "me; fwd=stale"
        story = tell(page("max-age=1"), page(status=503))
        story.fetch()
        assert story.fetch(after=9).status == 503

    @pytest.mark.parametrize("word", ["must-revalidate", "no-cache"])
    def test_what_forbids_stale_wins_over_all_that_allows_it(self, tell, word):
        said = f"max-age=1, {word}, stale-if-error=600, stale-while-revalidate=600"
        story = tell(page(said), ConnectionError())
        story.fetch()
        answer = story.fetch(after=9, Cache_Control="max-stale")
        assert (answer.status, answer.verdict.kind) == (504, "error")

    def test_a_client_that_wants_no_cache_gets_no_stale_answer_for_an_error(self, tell):
        story = tell(page("max-age=1, stale-if-error=600"), ConnectionError())
        story.fetch()
        assert story.fetch(after=9, Cache_Control="no-cache").status == 504

    # Variants

    def test_each_variant_is_kept_for_itself(self, tell):
        def speak(request):
            told = {"Cache-Control": "max-age=60", "Vary": "Accept-Language"}
            return Response(headers=told, body=(request.get("Accept-Language") or "none").encode())

        story = tell(speak)
        asked = ["en", "de", "en", "de", "EN", " de"]
        answers = [story.fetch(Accept_Language=language) for language in asked]
        assert [answer.body for answer in answers] == [b"en", b"de", b"en", b"de", b"en", b"de"]
        assert [answer.verdict.kind for answer in answers] == ["miss"] * 2 + ["hit"] * 4
        assert story.fetch().verdict.forward == "vary-miss"
        assert len(story.cache.storage) == 3

    def test_a_304_may_tell_that_there_are_variants_now(self, tell):
        story = tell(page("max-age=9", ETag='"v"'), page("max-age=9", ETag='"v"', Vary="Accept"))
        assert story.kinds(0, 9, Accept="text/html") == ["miss", "revalidated"]
        assert story.fetch(Accept="text/html").verdict.kind == "hit"
        assert story.fetch(Accept="image/png").verdict.forward == "vary-miss"

    def test_a_field_that_vary_does_not_name_does_not_count(self, tell):
        story = tell(page("max-age=60", Vary="Accept"))
        story.fetch(Cookie="a=1")
        assert story.fetch(Cookie="b=2").verdict.kind == "hit"

    # HEAD and methods that change something

    def test_the_answer_to_a_head_has_no_body_whatever_the_origin_sends(self, tell):
        assert tell(page("max-age=60")).fetch(method="HEAD").body == b""

    def test_head_is_answered_from_what_is_kept_without_the_body(self, tell):
        story = tell(page("max-age=60", ETag='"v"'))
        story.fetch()
        answer = story.fetch(method="HEAD")
        assert (answer.verdict.kind, answer.body, answer.get("ETag")) == ("hit", b"", '"v"')

    def test_the_answer_to_a_head_renews_what_is_kept(self, tell):
        story = tell(page("max-age=1", X="1"), page("max-age=60", b"", X="2"))
        story.fetch()
        story.fetch(after=9, method="HEAD")
        answer = story.fetch(after=1)
        assert (answer.verdict.kind, answer.body, answer.get("X")) == ("hit", b"page", "2")

    def test_a_head_without_a_validator_may_make_an_old_body_look_new(self, tell):
        """No mistake of the cache: RFC 9111, section 4.3.5, has no way to tell."""
        story = tell(page("max-age=1", b"old"), page("max-age=60", b""), page("max-age=60", b"new"))
        story.fetch()
        story.fetch(after=9, method="HEAD")
        assert story.fetch(after=1).body == b"old"
        assert story.fetch(after=60).body == b"new"

    def test_the_answer_to_a_head_may_end_the_keeping(self, tell):
        story = tell(page("max-age=1"), page("no-store", b""))
        story.fetch()
        story.fetch(after=9, method="HEAD")
        assert len(story.cache.storage) == 0

    @pytest.mark.parametrize("told", [{"ETag": '"v2"'}, {"Content_Length": "5"}])
    def test_a_head_that_tells_of_another_version_ends_the_keeping(self, tell, told):
        story = tell(page("max-age=1", ETag='"v1"'), page("max-age=60", b"", **told))
        story.fetch()
        story.fetch(after=9, method="HEAD")
        assert len(story.cache.storage) == 0

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "UNHEARD-OF", "get"])
    def test_a_method_that_may_change_something_drops_what_is_kept(self, tell, method):
        story = tell(page("max-age=60"))
        assert story.kinds(0) == ["miss"]
        assert "dropped" in story.fetch(method=method).verdict.reason
        assert story.kinds(0) == ["miss"]

    @pytest.mark.parametrize("method", ["OPTIONS", "TRACE"])
    def test_a_safe_method_drops_nothing(self, tell, method):
        story = tell(page("max-age=60"))
        story.fetch()
        story.fetch(method=method)
        assert story.kinds(0) == ["hit"]

    def test_a_change_that_failed_drops_nothing(self, tell):
        story = tell(page("max-age=60"), page(status=500))
        story.fetch()
        story.fetch(method="POST")
        assert story.kinds(0) == ["hit"]

    @pytest.mark.parametrize("name", ["Location", "Content_Location"])
    @pytest.mark.parametrize(
        ("link", "kind"),
        [
            ("/list", "miss"),
            ("list", "miss"),
            ("https://else.test/list", "hit"),
            ("http://[", "hit"),
        ],
    )
    def test_a_change_also_drops_what_it_points_to_on_the_same_origin(self, tell, name, link, kind):
        story = tell(page("max-age=60"), page("max-age=60"), page(status=201, **{name: link}))
        story.fetch(url="https://site.test/list")
        story.fetch(url="https://else.test/list")
        story.fetch(method="POST")
        assert story.fetch(url="https://site.test/list").verdict.kind == kind
        assert story.fetch(url="https://else.test/list").verdict.kind == "hit"

    def test_the_answer_to_a_post_serves_a_get_only_where_it_says_so(self, tell):
        named = page("max-age=60", Content_Location=GET.url)
        for answer, kind in ((named, "hit"), (page("max-age=60"), "miss")):
            story = tell(answer)
            story.fetch(method="POST", url=f"{GET.url}#form")
            assert story.fetch().verdict.kind == kind

    # Parts

    def test_parts_are_cut_out_of_what_is_kept(self, tell):
        story = tell(page("max-age=60", b"0123456789", ETag='"v"'))
        story.fetch()
        cut = story.fetch(Range="bytes=2-4")
        assert (cut.status, cut.body, cut.get("Content-Range")) == (206, b"234", "bytes 2-4/10")
        assert story.fetch(Range="bytes=-3").body == b"789"
        assert story.fetch(Range="bytes=8-99").body == b"89"
        assert story.fetch(Range="bytes=10-").status == 416
        assert story.fetch(Range="bytes=4-2").status == 200
        assert story.fetch(Range="lines=1-2").body == b"0123456789"
        assert len(story.origin.asked) == 1

    @pytest.mark.parametrize(("version", "status"), [('"v"', 206), ('"u"', 200), ('W/"v"', 200)])
    def test_if_range_asks_for_a_part_of_one_version_only(self, tell, version, status):
        story = tell(page("max-age=60", b"0123456789", ETag='"v"'))
        story.fetch()
        assert story.fetch(Range="bytes=2-4", If_Range=version).status == status

    @pytest.mark.parametrize(("old", "status"), [(1, 206), (0, 200)])
    def test_a_date_promises_the_bytes_only_if_it_was_a_second_old(self, tell, old, status):
        date, made = format_date(1_000_000_000), format_date(1_000_000_000 + old)
        story = tell(page("max-age=2000000000", b"0123", Last_Modified=date, Date=made))
        story.cache.clock.now = 1_000_000_000.0
        story.fetch()
        assert story.fetch(Range="bytes=1-2", If_Range=date).status == status

    def test_a_weak_tag_does_not_promise_the_bytes_that_a_part_needs(self, tell):
        story = tell(page("max-age=60", b"0123456789", ETag='W/"v"'))
        story.fetch()
        assert story.fetch(Range="bytes=2-4", If_Range='W/"v"').status == 200

    @pytest.mark.parametrize("told", ["bytes 0-4/10", "bytes 0-2/3", "bytes */10", "0-3", ""])
    def test_a_part_that_does_not_say_rightly_which_one_it_is_is_not_kept(self, tell, told):
        part = page("max-age=60", b"0123", status=206, Content_Range=told, ETag='"v"')
        assert not tell(part).fetch(Range="bytes=0-3").verdict.is_stored

    def test_a_part_of_another_version_overtakes_what_is_kept(self, tell):
        def part(said, tag):
            return page(said, b"01", status=206, Content_Range="bytes 0-1/4", ETag=tag)

        for tag, kept in (('"v2"', 0), ('"v1"', 1)):
            story = tell(part("max-age=1", '"v1"'), part("no-store", tag))
            assert story.kinds(0, 9, Range="bytes=0-1") == ["miss", "miss"]
            assert len(story.cache.storage) == kept

    def test_an_answer_that_is_not_final_overtakes_nothing(self, tell):
        story = tell(page("max-age=1", ETag='"v"'), page(status=103), page("", ETag='"v"'))
        story.fetch()
        assert story.fetch(after=9).status == 103
        assert story.fetch().verdict.kind == "revalidated"

    def test_parts_of_wholes_that_differ_in_length_are_not_joined(self, tell):
        first = page("max-age=60", b"01", status=206, Content_Range="bytes 0-1/4", ETag='"v"')
        other = page("max-age=60", b"23", status=206, Content_Range="bytes 2-3/5", ETag='"v"')
        story = tell(first, other)
        assert [story.fetch(Range=f"bytes={r}").status for r in ("0-1", "2-3")] == [206, 206]
        assert story.fetch(Range="bytes=0-3").verdict.kind == "miss"

    def test_parts_of_one_version_are_joined_until_the_whole_is_there(self, tell):
        def part(first, last, tag='"v"'):
            told = f"bytes {first}-{last}/10"
            body = b"0123456789"[first : last + 1]
            return page("max-age=60", body, status=206, Content_Range=told, ETag=tag)

        story = tell(part(0, 3), part(3, 6), part(7, 9))
        for wanted in ("0-3", "3-6", "7-9"):
            assert story.fetch(Range=f"bytes={wanted}").verdict.kind == "miss"
        assert story.fetch(Range="bytes=2-8").body == b"2345678"
        whole = story.fetch()
        assert (whole.status, whole.body, whole.verdict.kind) == (200, b"0123456789", "hit")

        story = tell(part(5, 6), part(3, 5))
        assert [story.fetch(Range=f"bytes={r}").status for r in ("5-6", "3-5")] == [206, 206]
        middle = story.fetch(Range="bytes=3-6")
        assert (middle.body, middle.get("Content-Range")) == (b"3456", "bytes 3-6/10")
        assert story.fetch(Range="bytes=2-6").verdict.forward == "partial"

        story = tell(part(0, 3), part(4, 6, tag='"w"'))
        assert [story.fetch(Range=f"bytes={r}").status for r in ("0-3", "4-6")] == [206, 206]
        assert story.fetch(Range="bytes=0-3").verdict.forward == "partial"

    # Saying why

    def test_every_answer_says_why(self, tell):
        story = tell(page("max-age=60", ETag='"v"'))
        for after in (0, 10, 50):
            story.fetch(after=after)
        told = story.cache.explain(last=3).splitlines()
        assert [line.split(" → ")[1] for line in told] == [
            "200 miss: nothing is stored for this address",
            "200 hit: fresh: 10 s old, max-age gives 60 s",
            "200 revalidated: stale: 60 s old, max-age gives 60 s",
        ]

    def test_a_log_keeps_no_more_than_it_was_told_to(self, shared):
        cache = HttpCache(Origin(page()), Clock(), shared=shared, log_size=2)
        for _ in range(3):
            cache.fetch(GET)
        assert len(cache.log) == 2


# What sets a shared cache and a private one apart


def test_what_is_private_is_kept_by_a_private_cache_only():
    answer = page("private, max-age=60")
    assert Story(answer, shared=False).kinds(0, 1) == ["miss", "hit"]
    assert Story(answer, shared=True).kinds(0, 1) == ["miss", "miss"]


def test_private_with_names_keeps_those_fields_from_a_shared_cache_only():
    answer = page('private="X-Me", max-age=60', X_Me="1", X_All="2")
    for shared, kept in ((True, None), (False, "1")):
        story = Story(answer, shared=shared)
        assert story.fetch().get("X-Me") == "1"
        assert (story.fetch().get("X-Me"), story.fetch().get("X-All")) == (kept, "2")


def test_a_304_keeps_private_fields_from_a_shared_cache_too():
    said = {"Cache-Control": 'private="X-Me", max-age=60', "ETag": '"v"', "X-Me": "1"}
    for shared, kept in ((True, None), (False, "1")):
        story = Story(page("max-age=1", ETag='"v"'), Response(304, said), shared=shared)
        story.fetch()
        mine = story.fetch(after=9)
        assert (mine.verdict.kind, mine.get("X-Me")) == ("revalidated", "1")
        assert (story.fetch().verdict.kind, story.fetch().get("X-Me")) == ("hit", kept)


def test_the_answer_to_a_post_needs_a_lifetime_that_counts_for_this_cache():
    old = format_date(1_000_000_000)
    answer = page("s-maxage=60", Content_Location=GET.url, Last_Modified=old)
    for shared, kind in ((True, "hit"), (False, "miss")):
        story = Story(answer, shared=shared)
        story.fetch(method="POST")
        assert story.fetch().verdict.kind == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("max-age=60", "miss"),
        ("max-age=60, public", "hit"),
        ("max-age=60, must-revalidate", "hit"),
        ("s-maxage=60", "hit"),
        ("max-age=60, proxy-revalidate", "miss"),
    ],
)
def test_what_somebody_signed_in_for_is_shared_only_with_permission(said, kind):
    assert Story(page(said), shared=True).kinds(0, 0, Authorization="me")[1] == kind


def test_a_private_cache_keeps_what_its_one_user_signed_in_for():
    assert Story(page("max-age=60"), shared=False).kinds(0, 0, Authorization="me")[1] == "hit"


@pytest.mark.parametrize("said", ["max-age=1, proxy-revalidate", "s-maxage=1, max-age=1"])
def test_some_words_forbid_stale_to_a_shared_cache_only(said):
    for shared, status in ((True, 504), (False, 200)):
        story = Story(page(f"{said}, stale-while-revalidate=60"), ConnectionError(), shared=shared)
        story.fetch()
        assert story.fetch(after=9).status == status


def test_a_shared_cache_follows_the_field_meant_for_it():
    answer = page("no-store", CDN_Cache_Control="max-age=60, stale-while-revalidate=60")
    assert Story(answer, shared=True).kinds(0, 59, 9) == ["miss", "hit", "stale"]
    assert Story(answer, shared=False).kinds(0, 59) == ["miss", "miss"]


def test_a_reload_does_not_ask_about_what_never_changes_while_it_is_fresh():
    for shared, kind in ((False, "hit"), (True, "revalidated")):
        story = Story(page("max-age=60, immutable", ETag='"v"'), shared=shared)
        story.fetch()
        assert story.fetch(after=1, Cache_Control="max-age=0").verdict.kind == kind
        assert story.fetch(after=1, Cache_Control="no-cache").verdict.kind == "revalidated"
        assert story.fetch(after=60, Cache_Control="max-age=0").verdict.kind == "revalidated"


# Bad input


@pytest.mark.parametrize("name", ["origin", "clock"])
def test_bad_input_is_refused_with_its_name_and_its_value(name):
    given = {"origin": lambda request: Response(), "clock": Clock(), name: 3}
    with pytest.raises(ValueError, match=f"{name} must be something to call, got 3"):
        HttpCache(**given, shared=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda cache: cache(shared="private"), "shared must be True or False, got 'private'"),
        (lambda cache: cache(log_size=-1), "log_size must be a whole number of at least 0, got -1"),
        (lambda cache: cache().explain(0), "last must be a whole number of at least 1, got 0"),
        (lambda cache: cache(clock=lambda: None).fetch(GET), r"clock\(\) must be .* got None"),
        (lambda cache: cache(clock=lambda: float("nan")).fetch(GET), r"clock\(\) must be .* nan"),
    ],
)
def test_what_a_cache_is_made_of_is_refused_by_name(call, message):
    def make(clock=None, **given):
        return HttpCache(Origin(page()), clock or Clock(), **{"shared": True, **given})

    with pytest.raises(ValueError, match=message):
        call(make)


def test_a_clock_that_is_set_back_while_the_origin_works_breaks_nothing():
    def origin(request):
        clock.now -= 7
        return page("max-age=60")

    clock = Clock()
    cache = HttpCache(origin, clock, shared=True)
    assert [cache.fetch(GET).verdict.kind for _ in range(2)] == ["miss", "hit"]
    assert cache.fetch(GET).get("Age") == "0"


def test_an_error_that_is_no_outage_is_the_callers():
    story = Story(page("max-age=1"), KeyError("a mistake in the origin"), shared=True)
    story.fetch()
    with pytest.raises(KeyError, match="a mistake"):
        story.fetch(after=9)


def test_a_clock_does_not_go_back():
    with pytest.raises(ValueError, match="seconds must be a finite number of at least 0, got -1"):
        Clock().advance(-1)
