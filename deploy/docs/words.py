"""What fields of messages mean that say nothing of themselves: by name, or by class and name where it differs.

A comment beside the field in the contract goes before this.
"""

from __future__ import annotations

_CALL = "which call of this order: rises when partners are called anew"

WORDS: dict[str, str] = {
    "accepted": "false: the department refuses",
    "address": "as people say it, masked",
    "agreed": "the quorum was there and enough of them consented",
    "amount": "of this line, in its unit",
    "answer_by": "until when an answer is due",
    "area": "path of codes: district/street/community/grid",
    "category": "code, as listed at `/api/intake/v1/categories`",
    "claim_id": "the claim; the same id in every message about it",
    "close_by": "when it had to be closed",
    "consenting": "households that said yes",
    "cost": "what the whole matter costs",
    "department": "id of the department",
    "ends": "last day of the work",
    "exclusive": "one partner takes everything, or several share",
    "from_level": "who calls: grid, community, street",
    "gap": "fen that nobody pays yet",
    "households": "that take part",
    "in_time": "closed before the limit of its category",
    "kind": "funds, goods, labour, venue, professional_service, data",
    "latitude": "degrees north, WGS-84",
    "level": "grid, community, street, district",
    "lines": "what is needed, or taken, line by line",
    "longitude": "degrees east, WGS-84",
    "manner": "1…5",
    "measures": "what the level will do, in its words",
    "name": "of the line; unique within its call",
    "note": "words of whoever did it, masked",
    "number": "which round of deliberation: 1, 2, …",
    "partner_id": "id in the registry of partners",
    "partner_name": "as it is shown to everybody: Chinese, and after ` / ` English where there is some",
    "partners": "ids of the partners who have a part in it",
    "passed": "false: it is to be done again",
    "percent": "of this partner's part, 0…100",
    "place": "where it is",
    "plan": "in the partner's words, masked",
    "proposal": "what the households discuss",
    "reason": "in words, masked",
    "reworks": "how often it was to be done again so far",
    "round": _CALL,
    "rule": "what the refusal rests on",
    "shares": "fen that the households agreed to",
    "speed": "1…5",
    "starts": "first day of the work",
    "subsidies": "fen from public purses",
    "text": "what exactly is needed, masked",
    "title": "what it is about, masked",
    "to_level": "who is called: community, street, district",
    "unit": "fen for funds, otherwise as the caller named it",
    "until": "when it ends",
    "urgency": "emergency, urgent, general",
    "CallPublishedV1.lines": "how many lines the need has",
    "EvaluationLapsedV1.round": "of evaluation: rises with every rework",
    "WorkEvaluatedV1.round": "of evaluation: rises with every rework",
}


def meaning(kind: str, field: str) -> str:
    return WORDS.get(f"{kind}.{field}") or WORDS.get(field, "")
