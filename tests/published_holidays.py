"""The holidays and make-up workdays of two years, as the State Council published them."""

from __future__ import annotations

from datetime import date, timedelta

DAY = timedelta(days=1)


def days(*spans: str) -> set[date]:
    """The days of spans such as `01-28…02-04` or `01-26`."""
    found = set()
    for span in spans:
        first, last = (date.fromisoformat(one) for one in (span.split("…") * 2)[:2])
        found |= {first + DAY * n for n in range((last - first).days + 1)}
    return found


# The General Office of the State Council on the public holidays (国务院办公厅关于部分节假日安排的通知): no. 12 of
# 2024 in the series 国办发明电 (12 November) for 2025, no. 7 of 2025 (4 November) for 2026. First what is free, from
# New Year to National Day, then the Saturdays and Sundays that are worked instead.
PUBLISHED = {
    2025: (
        days(
            "2025-01-01",
            "2025-01-28…2025-02-04",
            "2025-04-04…2025-04-06",
            "2025-05-01…2025-05-05",
            "2025-05-31…2025-06-02",
            "2025-10-01…2025-10-08",
        ),
        days("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    ),
    2026: (
        days(
            "2026-01-01…2026-01-03",
            "2026-02-15…2026-02-23",
            "2026-04-04…2026-04-06",
            "2026-05-01…2026-05-05",
            "2026-06-19…2026-06-21",
            "2026-09-25…2026-09-27",
            "2026-10-01…2026-10-07",
        ),
        days("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    ),
}
