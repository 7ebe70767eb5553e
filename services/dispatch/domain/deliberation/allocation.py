"""How a sum is shared among households: exactly, to the fen, and so that anybody can check it by hand."""

from __future__ import annotations

from collections.abc import Sequence

WHOLE = 100  # per cent: a household that bears all of its share


def allocate(fen: int, weights: Sequence[int]) -> tuple[int, ...]:
    """In proportion to the weights: adds up exactly, and each share is less than a fen from its exact quota.

    The fen that do not divide go one each to those who are cut most (the largest remainder), of equals to the first
    of the list. So who weighs more never pays less, and of equal weights no two shares differ by more than one fen.
    Raises ValueError when nobody weighs anything.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("somebody has to bear it")
    shares = [fen * weight // total for weight in weights]
    cut = sorted(range(len(weights)), key=lambda place: (-(fen * weights[place] % total), place))
    for place in cut[: fen - sum(shares)]:
        shares[place] += 1
    return tuple(shares)


def with_hardship(weights: Sequence[int], pays: Sequence[int]) -> tuple[int, ...]:
    """The weights when hardship lets some bear only `pays` per cent of their share, and the others bear the rest.

    The others bear it by the same rule: in proportion to their own weights. Raises ValueError when there are none.
    """
    total = sum(weights)
    others = sum(weight for weight, part in zip(weights, pays, strict=True) if part == WHOLE)
    if others <= 0:
        raise ValueError("somebody has to bear it whole")
    eased = sum(weight * part for weight, part in zip(weights, pays, strict=True) if part != WHOLE)
    return tuple(
        weight * (WHOLE * total - eased) if part == WHOLE else weight * part * others
        for weight, part in zip(weights, pays, strict=True)
    )
