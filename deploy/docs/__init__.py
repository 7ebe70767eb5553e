"""The documents that are made from the code, so that they say what it does.

For people: docs/flow.md, messages.md, problems.md, states.md. For programs, and for the pages behind the gateway:
`generated/` in here. `python -m deploy.docs` writes them all, `--check` says which of them is not what the code says.
"""
