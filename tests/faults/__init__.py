"""Proofs of the promises: each breaks something on a system of its own, and measures what became of it.

python -m tests.faults                    what can be proved
python -m tests.faults crash --seed 7     one proof
python -m tests.faults all                all that need no container, at full size
python -m tests.faults all --short        the same at a size for every commit

A proof has `prove`, and where it has sizes `options` with those of its full form and `SHORT` with those of its short
one: less of everything, the same things looked at.
"""
