"""Crawls a web page's links, politely and never beyond its site and folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit

from protego import Protego

from ingest import pictures
from ingest.accept.fetch import AGENT, Fetched
from ingest.accept.sources import Missing
from ingest.loaders import CODE, HTML, SUFFIXES
from rag.errors import NoSuchPage, SourceError, Unreadable

MOST_PAGES = 300
PAUSE_S = 0.3  # between two requests to a site

Fetch = Callable[..., Fetched]


class Crawl:
    """Finds pages and remembers the fetched ones, so that ingesting them doesn't fetch them again."""

    def __init__(self, fetch: Fetch, *, pause: float = PAUSE_S) -> None:
        self._fetch = fetch
        self._pause = pause
        self._fetched: dict[str, Fetched] = {}

    def fetch(self, url: str, *, etag: str | None = None) -> Fetched:
        """Return the page at a URL: once from the crawl, afterwards fetched again."""
        seen = self._fetched.pop(url, None)
        return seen if seen is not None else self._fetch(url, etag=etag)

    def pages(self, start: str, depth: int) -> Iterator[str | Missing]:
        """Yield `start` and the pages up to `depth` links away, nearest first.

        Only pages of the same site, in the folder of `start` or below, that robots.txt allows;
        at most 300 of them. Where robots.txt can't be had, only `start` comes, and a report of that.
        """
        yield start
        try:
            robots = self._robots(start)
        except SourceError as exc:
            message = f"The links of {start} were not followed: {exc.what}"
            yield Missing(start, Unreadable(message, remedy="Try again later, or name the pages one by one."))
            return
        seen, layer = {start}, [start]
        for _ in range(depth):
            found: list[str] = []
            for page in layer:
                for link in self._links(page):
                    if link in seen or not _below(start, link) or not robots.can_fetch(link, AGENT):
                        continue
                    if len(seen) >= MOST_PAGES:
                        return
                    seen.add(link)
                    found.append(link)
                    yield link
            layer = found

    def _links(self, url: str) -> list[str]:
        """Return a page's links to possible documents, in order and without fragments."""
        if SUFFIXES.get(_suffix(url), HTML) not in (HTML, CODE):  # index.php gives a page, not code
            return []  # such as a PDF: ingested, but not searched for links
        try:
            time.sleep(self._pause if self._fetched else 0)
            fetched = self._fetched[url] = self._fetch(url, etag=None)
        except SourceError:
            return []  # ingesting the page fails as well, and is reported
        if fetched.data is None or fetched.media_type not in {HTML, "application/xhtml+xml"}:
            return []
        return _hrefs(fetched.data, fetched.url)

    def _robots(self, start: str) -> Protego:
        """Return the site's rules (RFC 9309): a site without any allows all; one that can't be asked, nothing.

        Raises SourceError for a site that can't be asked.
        """
        try:
            data = self._fetch(urljoin(start, "/robots.txt"), etag=None).data or b""
        except NoSuchPage:
            data = b""
        return Protego.parse(data.decode("utf-8", errors="replace"))


def _hrefs(data: bytes, base: str) -> list[str]:
    from lxml import etree, html

    try:
        tree = html.document_fromstring(data, base_url=base)
    except (etree.ParserError, ValueError):
        return []
    links: list[str] = []
    for anchor in tree.iter("a"):
        if "nofollow" in (anchor.get("rel") or ""):
            continue
        try:
            link = urldefrag(urljoin(base, (anchor.get("href") or "").strip())).url
        except ValueError:
            continue  # a broken URL
        known = _suffix(link) in SUFFIXES and _suffix(link) not in pictures.SUFFIXES  # mostly logos
        if known or "." not in _suffix(link):
            links.append(link)
    return list(dict.fromkeys(links))


def _below(start: str, link: str) -> bool:
    """Say whether a link stays on the site and in the folder of the crawl's start.

    >>> _below("https://a.org/course/", "https://a.org/course/1.html")
    True
    >>> _below("https://a.org/course/", "https://a.org/login"), _below("https://a.org/", "https://b.org/")
    (False, False)
    """
    here, there = urlsplit(start), urlsplit(link)
    folder = here.path.rpartition("/")[0] + "/"
    return (here.scheme, here.netloc) == (there.scheme, there.netloc) and there.path.startswith(folder)


def _suffix(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).suffix.lower()
