"""What every page has: its head, the way around, and the foot."""

from __future__ import annotations

from deploy.gateway.pages.html import Child, link, tag, text

_NAVIGATION = (("/docs", "API 接口"), ("/docs/messages", "Messages 消息"), ("/problems", "Problems 问题"))


def page(title: str, *body: Child, here: str, style: str, icon: str, language: str = "en") -> bytes:
    """A whole document. `here` is its own address, `style` and `icon` are addresses of ours."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Hehuo 合伙"),
        tag("link", rel="stylesheet", href=style),
        tag("link", rel="icon", type="image/svg+xml", href=icon),
    )
    around = tag(
        "nav",
        link("/", tag("b", "合伙"), " Hehuo", class_="home", aria_current="page" if here == "/" else None),
        [link(to, name, aria_current="page" if here == to else None) for to, name in _NAVIGATION],
        aria_label="Hehuo",
    )
    foot = tag(
        "footer",
        tag("p", "For programs 供程序使用: ", [[link(to, tag("code", to)), " "] for to in _FOR_PROGRAMS]),
    )
    document = tag("html", head, tag("body", tag("header", around), tag("main", *body), foot), lang=language)
    return text(["\n", document, "\n"]).replace("\n", "<!doctype html>\n", 1).encode()


_FOR_PROGRAMS = ("/openapi.json", "/asyncapi.json", "/problems.json", "/schemas")
