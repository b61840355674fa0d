"""Crawling: what is followed, what is left alone, and that nothing is fetched twice."""

from ingest.accept.crawl import Crawl
from ingest.accept.fetch import Fetched
from ingest.accept.sources import Missing
from rag.errors import NoSuchPage, Unreadable

SITE = {
    "https://a.org/robots.txt": "User-agent: *\nDisallow: /course/secret.html",
    "https://a.org/course/": """<a href="1.html">1</a> <a href="1.html#part">again</a> <a href="script.pdf">S</a>
        <a href="/login">out</a> <a href="https://b.org/course/x.html">away</a> <a href="secret.html">no</a>
        <a href="logo.png">picture</a> <a rel="nofollow" href="ad.html">ad</a> <a href="http://[broken">?</a>""",
    "https://a.org/course/1.html": '<a href="2.html">2</a> <a href="./">back</a>',
    "https://a.org/course/2.html": '<a href="3.html">3</a>',
    "https://a.org/course/3.html": "end",
}


class Web:
    """A small web that counts what is fetched of it."""

    def __init__(self, robots: str | None = SITE["https://a.org/robots.txt"]) -> None:
        self.fetched: list[str] = []
        self.robots = robots  # None: the server is down when it is asked for its rules

    def __call__(self, url: str, *, etag: str | None = None) -> Fetched:
        self.fetched.append(url)
        if url.endswith("/robots.txt"):
            if self.robots is None:
                raise Unreadable(f"{url} answered 503 Service Unavailable.")
            return Fetched(url, self.robots.encode(), "text/plain", None)
        if url not in SITE:
            message = f"{url} answered 404 Not Found."
            raise NoSuchPage(message)
        return Fetched(url, SITE[url].encode(), "text/html", None)


def crawled(depth: int, start: str = "https://a.org/course/") -> list[str]:
    pages = Crawl(Web(), pause=0).pages(start, depth)
    return [page.removeprefix("https://a.org/course/") for page in pages if isinstance(page, str)]


def test_depth_says_how_many_links_away() -> None:
    assert crawled(0) == [""]
    assert crawled(1) == ["", "1.html", "script.pdf"]
    assert crawled(2) == ["", "1.html", "script.pdf", "2.html"]
    assert crawled(9) == ["", "1.html", "script.pdf", "2.html", "3.html"]


def test_what_the_crawl_saw_is_not_fetched_again_for_its_ingestion() -> None:
    web = Web()
    crawl = Crawl(web, pause=0)
    for url in [*crawl.pages("https://a.org/course/", 3)]:
        if isinstance(url, str) and url in SITE:
            assert crawl.fetch(url).data == SITE[url].encode()
    assert len(web.fetched) == len(set(web.fetched))


def test_a_page_that_fails_is_named_and_ends_nothing() -> None:
    assert crawled(2, start="https://a.org/course/gone.html") == ["gone.html"]


def test_a_site_that_cannot_tell_its_rules_is_not_crawled_and_that_is_told() -> None:
    first, told = Crawl(Web(robots=None), pause=0).pages("https://a.org/course/", 2)
    assert first == "https://a.org/course/"
    assert isinstance(told, Missing)
    assert "were not followed: https://a.org/robots.txt answered 503" in str(told.error)


def test_rules_have_wildcards_and_the_longest_one_counts() -> None:
    rules = "User-agent: *\nAllow: /\nDisallow: /course/*\nAllow: /course/*.pdf$\n"
    pages = [*Crawl(Web(rules), pause=0).pages("https://a.org/course/", 2)]
    assert pages == ["https://a.org/course/", "https://a.org/course/script.pdf"]
