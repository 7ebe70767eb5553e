"""Many proofs at once: none stops the others, and what each found is kept."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tests.faults import __main__ as command
from tests.faults.campaign import Run, keep, prove_all


@pytest.mark.parametrize("name", command.NAMES)
def test_the_short_form_of_a_proof_differs_from_the_full_one_in_its_sizes_only(name: str) -> None:
    full, short = (vars(command._parser(short).parse_args([name])) for short in (False, True))
    assert set(short) == set(full), "an option that there is not"
    changed = {option for option in full if full[option] != short[option]}
    assert changed == set(getattr(command._load(name), "SHORT", {}))
    for option in changed:
        assert isinstance(short[option], type(full[option]))
        assert option == "share" or short[option] < full[option], "of few messages a larger share is poisoned"


def test_what_is_said_counts_before_the_size_of_the_short_form() -> None:
    options = command._parser(short=True).parse_args(["crash", "--short", "--lives", "7"])
    assert (options.lives, options.rounds) == (7, 1)


async def test_a_proof_that_breaks_stops_no_other_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [Run("no-such-proof", 1), Run("nor-this-one", 2), Run("crash", 3)]
    assert not await prove_all(runs, ["--lives", "many"], at_once=2)
    said = capsys.readouterr().out
    for run in runs:
        assert run.verdict == f"{run.name}: broken — ended without a verdict, 2, seed {run.seed}"
        assert f"\n{run.verdict}\n" in said.partition("together")[2]
    assert said.rstrip().endswith("nor-this-one with seed 2, crash with seed 3")


async def test_of_proofs_that_are_all_kept_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run("compose", 5)
    assert await prove_all([run], ["--help"], at_once=1) is True
    assert "all: kept — 1 proofs, broken: none" in capsys.readouterr().out


def test_last_lines_are_kept_by_commit_one_file_for_each(tmp_path: Path) -> None:
    first = keep(["crash: kept — 300 lives, seed 1, 99 s"], tmp_path)
    again = keep(["compose: kept — 2 cases, seed 1, 99 s"], tmp_path)
    assert first == again
    head, crash, other_head, compose = first.read_text("utf-8").splitlines()
    assert (crash, compose) == (
        "crash: kept — 300 lives, seed 1, 99 s",
        "compose: kept — 2 cases, seed 1, 99 s",
    )
    for line in (head, other_head):
        assert line.startswith("# 2")
        assert ", commit " in line
        assert line.endswith(("the tree was clean", "the tree was changed since"))


def test_the_options_of_all_reach_every_proof() -> None:
    options = command._parser().parse_args(["all", "--short", "--seed", "4"])
    assert isinstance(options, argparse.Namespace)
    assert (options.short, options.seed, options.record, options.at_once) == (True, 4, False, None)
