"""The rules of dispatch, as pure functions on frozen data: state, command and time in, a decision out.

One package a subject, each with its page of rules; `api/`, `queries/` and the tests have rooms of the same names. What
a package leans on stands before it here: `clocks`, `ground`, `supervision`, `ladder`, `deliberation`, `place`, `works`.
At the top stands what all share: the state (`dispatch`), its legal moves and clocks (`states`), who may do what
(`duty`), what a department has to do with it (`part`), what work lists find it by (`worklist`), what it adds to figures
(`counting`), and forms of words and records.
The `record` of a package is its part of the state, and leans on no rule.
"""
