"""The pages behind the gateway: complete, safe, and independent of the internet."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import cache
from html.parser import HTMLParser

import httpx
import pytest

from deploy.docs.problems import problems
from deploy.gateway.pages.html import breakable, link, paragraphs, prose, table, tag
from deploy.gateway.web import app

PAGES = [
    "/",
    "/docs",
    "/docs/messages",
    "/problems",
    "/problems/line-taken",
    "/problems/too-many-requests",
    "/schemas",
]
BROWSER = {"accept": "text/html,application/xhtml+xml"}


built = cache(app)


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(built()), base_url="http://hehuo.local"
    ) as client:
        yield client


class Seen(HTMLParser):
    """What a page links to, loads and names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.scripts = 0
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if name == "a":
            self.links.append(given["href"])
        elif "href" in given or "src" in given:
            self.loads.append(given.get("href") or given["src"])
        self.ids |= {given["id"]} if "id" in given else set()
        self.scripts += name == "script" or any(key.startswith("on") for key in given) or "style" in given
        if name not in ("meta", "link", "br", "wbr"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_only_what_is_ours_and_runs_nothing(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Seen(answer.text)
    assert page.scripts == 0
    assert page.open == []
    for needed in page.loads:
        assert needed.startswith("/static/")
        assert (await web.get(needed)).status_code == 200
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text)


async def test_every_link_leads_somewhere(web: httpx.AsyncClient) -> None:
    seen: dict[str, set[str]] = {}
    todo = ["/"]
    while todo:
        path = todo.pop()
        answer = await web.get(path)
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            seen[path] = set()
            continue
        page = Seen(answer.text)
        seen[path] = page.ids
        targets = [to if not to.startswith("#") else path + to for to in page.links]
        todo += {to.partition("#")[0] for to in targets if not to.startswith("/api/")} - set(seen) - set(todo)
    assert set(PAGES) <= set(seen)
    for path in [one for one in seen if one.startswith(("/docs", "/problems"))]:
        answer = await web.get(path)
        if answer.headers["content-type"].startswith("text/html"):
            for to in Seen(answer.text).links:
                where, _, anchor = (to if not to.startswith("#") else path + to).partition("#")
                assert not anchor or anchor in seen[where], f"{path} → {to}"


async def test_every_problem_has_its_page_at_its_type(web: httpx.AsyncClient) -> None:
    for problem in problems():
        answer = await web.get(f"/problems/{problem.slug}")
        assert answer.status_code == 200
        assert problem.zh in answer.text
        assert str(problem.status) in answer.text


async def test_where_there_is_nothing_people_get_a_page_and_programs_a_problem(
    web: httpx.AsyncClient,
) -> None:
    for path in (
        "/problems/no-such-problem",
        "/problems/../etc/passwd",
        "/schemas/none.json",
        "/%3Cscript%3E",
    ):
        page = await web.get(path, headers=BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<script" not in page.text
        problem = await web.get(path, headers={"accept": "application/json"})
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
        assert problem.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("path", [*PAGES, "/openapi.json", "/asyncapi.json", "/problems.json", "/nothing"])
async def test_every_answer_is_guarded(web: httpx.AsyncClient, path: str) -> None:
    headers = (await web.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_what_is_known_already_is_not_sent_again(web: httpx.AsyncClient) -> None:
    first = await web.get("/docs")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await web.get("/docs", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await web.get("/docs", headers={"if-none-match": '"other"'})).status_code == 200


async def test_what_has_its_content_in_its_name_is_kept_for_ever(web: httpx.AsyncClient) -> None:
    for path in Seen((await web.get("/")).text).loads:
        assert "immutable" in (await web.get(path)).headers["cache-control"]


async def test_only_reading_is_possible(web: httpx.AsyncClient) -> None:
    assert (await web.post("/docs")).status_code == 405
    head = await web.head("/docs")
    assert (head.status_code, head.content) == (200, b"")
    moved = await web.get("/docs/")
    assert (moved.status_code, moved.headers["location"]) == (308, "/docs")


async def test_it_is_alive_and_ready_as_soon_as_it_answers(web: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        assert (await web.get(path)).status_code == 200


async def test_no_text_can_become_markup() -> None:
    bad = "<script>alert('\"&')</script>"
    good = "&lt;script&gt;alert(&#x27;&quot;&amp;&#x27;)&lt;/script&gt;"
    assert tag("p", bad, title=bad) == f'<p title="{good}">{good}</p>'
    assert link(bad, bad) == f'<a href="{good}">{good}</a>'
    assert prose(f"`{bad}`") == f"<code>{good}</code>"
    assert paragraphs(bad) == f"<p>{good}</p>"
    assert breakable("</p>/x", "/") == "&lt;/<wbr>p&gt;/<wbr>x"
    assert bad not in table([bad], [[bad]])
