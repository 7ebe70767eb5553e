"""Why a partner fits, in words: one sentence for each factor, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from services.partners.domain.claim import FUNDS
from services.partners.domain.matching.facts import Load
from services.partners.domain.matching.score import WHOLE, Cover, Match, Scale, Why


@dataclass(frozen=True, slots=True)
class Said:
    """The same in Chinese and in English."""

    zh: str
    en: str


_LEVELS = (
    Said(zh="服务全区", en="serves the district"),
    Said(zh="服务本街道", en="serves this street"),
    Said(zh="服务本社区", en="serves this community"),
    Said(zh="服务本网格", en="serves this grid"),
)
_EARLIER = (
    Said(zh="尚未在此服务", en="has not worked here yet"),
    Said(zh="曾在本社区服务", en="has worked in this community"),
    Said(zh="曾在本网格服务", en="has worked in this grid"),
)
_WILLING = (
    Said(zh="更愿意做其他类别", en="prefers other matters"),
    Said(zh="各类事项均可", en="helps with all matters"),
    Said(zh="愿意做此类事项", en="wants to help with this"),
)
WHY: dict[Why, Said] = {
    Why.MAY_NOT_CLAIM: Said(
        zh="未经核验或已被暂停，暂不能认领", en="may claim nothing now: not verified, or suspended"
    ),
    Why.NOT_HERE: Said(zh="不服务该区域", en="does not serve this area"),
    Why.HAS_NOTHING: Said(zh="没有所需的资源", en="has nothing free of what is missing"),
    Why.NOT_WHOLE: Said(zh="无法整体承接", en="has not all of what is taken as a whole"),
    Why.CARRIES_ENOUGH: Said(zh="承接已满", en="holds as many claims as it may"),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: `points` = weight × worth; the points of all are the score."""

    name: str
    weight: int
    worth: int
    points: int
    words: Said


# Units as they are counted in Chinese; one that is not here stays as it was written.
_COUNTED = {
    "piece": "件", "pieces": "件", "set": "套", "unit": "个", "hour": "小时", "hours": "小时", "metre": "米", "m": "米",
    "meal": "份", "case": "件", "survey": "次", "half_day": "个半天", "month": "个月",
}  # fmt: skip


def explained(match: Match, scale: Scale) -> tuple[Factor, ...]:
    """The factors of a match, which add up to its score."""
    weights = scale.weights
    words = {
        "covers": _covers(match),
        "near": _near(match),
        "free": Said(
            zh=f"已承接 {match.load.held} 项，最多 {scale.held_most} 项",
            en=f"holds {match.load.held} of at most {scale.held_most} claims",
        ),
        "record": _record(match.load),
        "earlier": _EARLIER[2 * match.worth[4] // WHOLE],
        "willing": _WILLING[2 * match.worth[5] // WHOLE],
    }
    return tuple(
        Factor(name, weight, worth, weight * worth, words[name])
        for (name, weight), worth in zip(weights.by_name.items(), match.worth, strict=True)
    )


def in_short(match: Match) -> Said:
    """What matters most, in a line: `has 12 metre of DN110 pipe · 600 m away · satisfied 9 of 10`."""
    said = (_covers(match), _near(match), _record(match.load))
    return Said(zh=" · ".join(one.zh for one in said), en=" · ".join(one.en for one in said))


def _covers(match: Match) -> Said:
    has = [_has(match, cover) for cover in match.covers if cover.free]
    return Said(zh="，".join(one.zh for one in has), en=", ".join(one.en for one in has))


def _has(match: Match, cover: Cover) -> Said:
    part = cover.part
    if part.kind == FUNDS:
        amount = f"{cover.amount // 100:,}.{cover.amount % 100:02d}"
        return Said(zh=f"可出资 {amount} 元", en=f"can give {amount} yuan")
    name = match.giver.stocks[part.key][0].name
    some = cover.free < part.missing
    return Said(
        zh=f"有 {cover.free} {_COUNTED.get(part.unit, part.unit)}{name.zh}"
        + (f"（共需 {part.missing}）" if some else ""),
        en=f"has {cover.free}{f' of the {part.missing}' if some else ''} {part.unit} of {name.en or name.zh}",
    )


def _near(match: Match) -> Said:
    metres = match.shown_metres
    if metres is None:
        return _LEVELS[match.level - 1]
    if metres < 100:
        return Said(zh="距离不到 100 米", en="less than 100 m away")
    if metres < 1000:
        return Said(zh=f"距离 {metres} 米", en=f"{metres} m away")
    return Said(zh=f"距离 {metres / 1000:.1f} 公里", en=f"{metres / 1000:.1f} km away")


def _record(load: Load) -> Said:
    if not load.evaluated:
        return Said(zh="尚无评价", en="nobody has evaluated it yet")
    return Said(
        zh=f"{load.evaluated} 次评价中满意 {load.satisfied} 次",
        en=f"satisfied {load.satisfied} of {load.evaluated}",
    )
