"""`python -m deploy.docker FOLDER` prepares the folder that compose's containers are given their parts of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.docker.handout import hand_out
from deploy.local.refusal import Refused

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    try:
        hand_out(Path(sys.argv[1]), os.environ)
    except Refused as error:
        sys.exit(f"hehuo: {error}")
    sys.stdout.write("passwords, keys and configuration are there\n")
