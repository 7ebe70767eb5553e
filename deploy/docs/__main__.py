"""`python -m deploy.docs` writes the documents; `--check` only says which are not what the code says, and fails."""

from __future__ import annotations

import sys

from deploy.docs.make import drift, write


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    found = drift() if arguments else write()
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
