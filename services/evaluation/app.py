"""Builds evaluation. Nothing connects at import."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from services.evaluation.api import Use, router
from services.evaluation.bus import reactions
from services.evaluation.clock import strike
from services.evaluation.domain.evaluation import Evaluation
from services.evaluation.queries import EvaluationOut, Publication
from services.evaluation.settings import Settings
from services.evaluation.store import INDEXES, Evaluations
from shared.service import Service, serve
from shared.settings import refusing
from shared.store import Database


def app(settings: Settings | None = None) -> FastAPI:
    with refusing():
        settings = settings or Settings()

    async def use(evaluations: Evaluations, database: Database, _: Any) -> Use:
        publication = Publication(
            evaluations,
            database.versions("published_rates"),
            root=settings.jurisdiction,
            least=settings.evaluation_least,
            after=settings.evaluation_published_after,
        )
        return Use(evaluations, publication, settings.evaluation_mostly_weight, settings.jurisdiction)

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
