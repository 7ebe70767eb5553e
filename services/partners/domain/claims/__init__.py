"""Who takes which lines of a call, and how they change hands. What is kept of a claim is in `domain/claim.py`.

| rules of | in |
|---|---|
| taking lines, giving them back | `claiming` |
| who may take how much: own matters, pauses, limits against hoarding | `claimant` |
| what a partner has of each thing, what is promised, what is free | `reserve` |
| whose claim it is: epochs, displaced holders, letting go | `holding` |
| asking for what another holds, silence | `takeover` |
| what the staff take away; who leads | `lead` |
| words about a claim that residents do not read | `notes` |
| what is expected until when: the clocks of claims | `watch` |
"""
