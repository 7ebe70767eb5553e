"""`python -m deploy.ctl`: the same as `hehuo`."""

from __future__ import annotations

from deploy.ctl.app import main

if __name__ == "__main__":
    main()
