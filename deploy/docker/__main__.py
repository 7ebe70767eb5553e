"""`python -m deploy.docker FOLDER` prepares the folder that compose's containers are given their parts of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.docker.handout import hand_out

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    hand_out(Path(sys.argv[1]), os.environ)
    sys.stdout.write("passwords, keys and configuration are there\n")
