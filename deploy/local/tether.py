"""Runs a program that cannot outlive whoever started it: `tether.py PARENT PROGRAM [ARGUMENT…]`.

A script of its own, for Python's bare start: it replaces itself by the program. On Linux the kernel then kills the
program when its parent ends, however that ends; elsewhere the next start clears away what was left.
"""

import contextlib
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            sys.exit(1)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # servers hold a file for each connection
    os.execv(program, sys.argv[2:])  # noqa: S606 - that is what this is for


if __name__ == "__main__":
    main()
