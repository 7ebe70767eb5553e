#!/bin/sh
# Every file called HEHUO_… among what this container was given becomes a variable; then the command takes our place.
set -eu
for file in /run/hehuo/HEHUO_*; do
    if [ -f "$file" ]; then
        export "${file##*/}=$(cat "$file")"
    fi
done
exec "$@"
