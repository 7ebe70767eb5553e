"""docs/problems.md and the list behind the pages: every way to be refused, by its slug."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from deploy.docs.markdown import table
from deploy.docs.openapi import of_service, operations, problems_of
from deploy.gateway.render import Gateway, policy
from shared.naming import SERVICES
from shared.problems import RuleBroken, every_problem

TITLES = Path(__file__).parent / "problems.zh.json"  # made by hand: what people read in Chinese

_DO = {
    401: ("Sign in, and send the token with the request.", "请先登录，并在请求中携带令牌。"),
    403: ("Ask somebody whose role or part it is.", "请由有相应身份或职责的人来办理。"),
    404: ("Look at the address, and at whether it is yours to see.", "请核对地址，并确认您有权查看。"),
    409: (
        "Read it again: the answer often says what is true now. Then decide anew.",
        "请重新读取：答复中往往写明了当前的情况，再据此决定。",
    ),
    412: ("Read it again, and decide on what it says now.", "请重新读取，再按最新内容决定。"),
    413: (
        "Send less at once; the answer says how much is taken.",
        "请减少一次发送的内容；答复中写明了上限。",
    ),
    422: ("Mend the request: `errors` says where and why.", "请按答复中 errors 指出的位置与原因修改请求。"),
    429: ("Wait as long as Retry-After says, then try again.", "请按 Retry-After 等待后再试。"),
    503: (
        "Wait as long as Retry-After says, then repeat the same request with the same Idempotency-Key.",
        "请按 Retry-After 等待，然后用同一个 Idempotency-Key 重发同样的请求。",
    ),
}
# Where the advice for the status says too little.
_DO_FOR = {
    "key-reused": ("Use a new key for a new request.", "新的请求请使用新的 Idempotency-Key。"),
    "lost-race": ("Repeat the request.", "请重发请求。"),
    "not-a-partner": (
        "Ask an operator to enter your partner in the registry.",
        "请联系管理员登记您所代表的合伙人。",
    ),
}


class Problem(NamedTuple):
    """One way to be refused. `answered_by` are the routes that name it; empty where any address may answer it."""

    slug: str
    title: str
    zh: str
    status: int
    about: str
    who: str  # the service whose rule it is; `gateway`; `every service`
    answered_by: list[str]
    do: str
    do_zh: str


@cache
def titles() -> dict[str, str]:
    found: dict[str, str] = json.loads(TITLES.read_bytes())
    return found


def classes() -> list[type[RuleBroken]]:
    """Every refusal of every service."""
    for service in SERVICES:
        of_service(service)  # loads it
    return [
        kind
        for kind in every_problem().values()
        if kind.__module__.partition(".")[0] in ("shared", "services")
    ]


def problems() -> list[Problem]:
    """All of them, by slug."""
    answered: dict[str, list[str]] = {}
    every = 0
    for service in SERVICES:
        for method, path, operation in operations(of_service(service)):
            every += 1
            for slug in dict.fromkeys(problems_of(operation)):
                answered.setdefault(slug, []).append(f"{method.upper()} {path}")
    found = {}
    for kind in classes():
        routes = answered.get(kind.slug(), [])
        found[kind.slug()] = _problem(
            kind.slug(),
            kind.title(),
            kind.status,
            about="\n".join((inspect.getdoc(kind) or "").splitlines()[1:]).strip(),
            who=kind.__module__.split(".")[1] if kind.__module__.startswith("services.") else "every service",
            answered_by=[] if len(routes) == every else routes,
        )
    for slug, title, status in gateway_problems():
        if slug not in found:
            found[slug] = _problem(slug, title, status, who="gateway")
    return [found[slug] for slug in sorted(found)]


def _problem(
    slug: str, title: str, status: int, *, who: str, about: str = "", answered_by: list[str] | None = None
) -> Problem:
    do, do_zh = _DO_FOR.get(slug) or _DO[status]
    return Problem(slug, title, titles().get(slug, ""), status, about, who, answered_by or [], do, do_zh)


def gateway_problems() -> Iterator[tuple[str, str, int]]:
    """Slug, title and status of what the gateway answers by itself."""

    def look(value: Any) -> Iterator[tuple[str, str, int]]:
        if isinstance(value, dict):
            if str(value.get("type", "")).startswith("/problems/") and isinstance(value.get("status"), int):
                yield value["type"].removeprefix("/problems/"), value["title"], value["status"]
            for one in value.values():
                yield from look(one)
        elif isinstance(value, list):
            for one in value:
                yield from look(one)

    yield from dict.fromkeys(
        look(yaml.safe_load(policy(Gateway(host="127.0.0.1", port=8600, jwks="jwks.json"))))
    )


def untranslated() -> Iterator[str]:
    for problem in problems():
        if not problem.zh:
            yield f"deploy/docs/{TITLES.name}: no Chinese title for {problem.slug} ({problem.title!r})"
    for slug in sorted(set(titles()) - {problem.slug for problem in problems()}):
        yield f"deploy/docs/{TITLES.name}: there is no problem {slug} any more"


# ── as Markdown ────────────────────────────────────────────────────────────────────────────────────────────────────

_HEAD = """\
<!-- Made by `python -m deploy.docs` from the refusals of the rules. Do not edit. -->
# The problems

A refusal is a problem document (RFC 9457). Its `type` is `/problems/<slug>`, which is also the address of a page;
`title` never changes, `detail` says what was wrong this time, and more members may say what is true now. 409 means that
a rule says no; 422 means that the request is malformed, and never "no".
"""


def markdown() -> str:
    found = problems()
    parts = [
        _HEAD,
        table(
            ["problem", "status", "title", "中文"],
            ([f"[`{one.slug}`](#{one.slug})", str(one.status), one.title, one.zh] for one in found),
        ),
    ]
    for who in ("every service", *SERVICES, "gateway"):
        heading = {"every service": "Of every service", "gateway": "Of the gateway"}.get(who, f"Of {who}")
        parts.append(f"## {heading}\n")
        parts += [_section(one) for one in found if one.who == who]
    return "\n".join(parts)


def _section(problem: Problem) -> str:
    lines = [f"### {problem.slug}\n", f"**{problem.status}** {problem.title} {problem.zh}\n"]
    if problem.about:
        lines.append(f"{problem.about}\n")
    lines.append(f"{problem.do}\n")
    if problem.answered_by:
        lines.append("".join(f"- `{route}`\n" for route in problem.answered_by))
    return "\n".join(lines)
