"""Proofs of the promises: each breaks something on a system of its own, and measures what became of it.

python -m tests.faults                    what can be proved
python -m tests.faults crash --seed 7     one proof
python -m tests.faults all                all that need no container
"""
