"""/problems and /problems/<slug>: what a refusal means and what to do, from problems.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.gateway.pages.html import Child, breakable, link, paragraphs, table, tag
from deploy.gateway.pages.openapi import anchor

Problem = Mapping[str, Any]

_ABOUT = (
    "A refusal is a problem document (RFC 9457): its `type` is the address of one of these pages, `detail` says what "
    "was wrong this time, and more members may say what is true now. 409 means that a rule says no; 422 that the "
    "request is malformed."
)
_OF = {"every service": "Of every service 各服务共有", "gateway": "Of the gateway 网关"}


def listed(problems: Sequence[Problem]) -> list[Child]:
    """All of them, by who says it."""
    owners = sorted({one["who"] for one in problems}, key=lambda who: (who not in _OF, who))
    return [
        tag("h1", "Problems 问题"),
        paragraphs(_ABOUT),
        tag("p", "请求被拒绝时，答复中的 ", tag("code", "type"), " 就是下列页面之一的地址。", lang="zh-CN"),
        [
            [
                tag("h2", _OF.get(owner, f"Of {owner}")),
                table(
                    ("problem", "status", "title"),
                    (
                        [
                            link(f"/problems/{one['slug']}", tag("code", one["slug"])),
                            one["status"],
                            [tag("div", one["zh"], lang="zh-CN"), tag("div", one["title"])],
                        ]
                        for one in problems
                        if one["who"] == owner
                    ),
                ),
            ]
            for owner in owners
        ],
    ]  # fmt: skip


def one(problem: Problem, known: Mapping[str, Any]) -> list[Child]:
    """One problem. `known` are the paths of openapi.json, for links to what answers it."""
    example = {
        "type": f"/problems/{problem['slug']}",
        "title": problem["title"],
        "status": problem["status"],
        "detail": "…",
    }
    return [
        tag("p", tag("code", f"{problem['status']} {problem['slug']}"), class_="slug"),
        tag("h1", problem["zh"], lang="zh-CN") if problem["zh"] else None,
        tag("h2" if problem["zh"] else "h1", problem["title"]),
        paragraphs(problem["about"]),
        tag("h3", "What to do 怎么办"),
        tag("p", problem["do_zh"], lang="zh-CN"),
        tag("p", problem["do"]),
        tag("h3", "Where it comes from 出现在"),
        _answered_by(problem, known),
        tag("h3", "What it looks like 样例"),
        tag("pre", tag("code", json.dumps(example, ensure_ascii=False, indent=2))),
        tag("p", link("/problems", "All problems 全部问题")),
    ]


def _answered_by(problem: Problem, known: Mapping[str, Any]) -> Child:
    if problem["who"] == "gateway":
        return tag("p", "The gateway answers this before any service sees the request. 由网关直接答复。")
    if not problem["answered_by"]:
        return tag("p", "Any address may answer this. 任何地址都可能这样答复。")
    return tag("ul", [tag("li", _route(route, known)) for route in problem["answered_by"]])


def _route(route: str, known: Mapping[str, Any]) -> Child:
    method, _, path = route.partition(" ")
    shown = tag("code", breakable(route, "/"))
    return link(f"/docs#{anchor(method, path)}", shown) if path in known else shown


def missing() -> list[Child]:
    """Nothing is at this address."""
    return [
        tag("h1", "404"),
        tag("p", "这里没有内容。", lang="zh-CN"),
        tag("p", "There is nothing at this address."),
        tag(
            "p",
            link("/", "Hehuo 合伙"),
            " · ",
            link("/problems", "Problems 问题"),
            " · ",
            link("/docs", "API 接口"),
        ),
    ]
