"""Builds evaluation. Nothing connects at import."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from services.evaluation.api import Use, router
from services.evaluation.bus import reactions
from services.evaluation.clock import strike
from services.evaluation.domain.evaluation import Evaluation
from services.evaluation.queries import EvaluationOut
from services.evaluation.settings import Settings
from services.evaluation.store import INDEXES, Evaluations
from shared.service import Service, serve


def app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()

    async def use(evaluations: Evaluations, *_: Any) -> Use:
        return Use(
            evaluations, settings.evaluation_mostly_weight, settings.evaluation_least, settings.jurisdiction
        )

    return serve(
        Service(
            name="evaluation",
            title="Evaluation 评单",
            settings=settings,
            state=Evaluation,
            entries=Evaluations,
            collection="evaluations",
            indexes=INDEXES,
            router=router,
            view=EvaluationOut.of,
            reactions=reactions(settings.evaluation_window),
            strike=strike,
            use=use,
            beside=lambda use: use.evaluations.sums.kept_counted(),
        )
    )
