"""`dispatch.extension_granted` → it is due later."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_dispatch.extension_granted import ExtensionGrantedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_extension_granted(evaluation: Evaluation, heard: Heard[ExtensionGrantedV1]) -> Decision[Evaluation]:
    return decided(evaluation.but(close_by=heard.data.close_by))
