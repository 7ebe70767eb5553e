#!/bin/sh
# The operator's command, as an installed package would offer it.
exec python -m deploy.ctl "$@"
