#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs node_modules exactly as package-lock.json says, once: the stamp remembers which lock file was
# installed. Several callers may come at the same time: the first installs, the rest wait.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.latchkey-stamp
exec 9>.install.lock
flock 9
wanted=$(cat package-lock.json .npmrc | sha256sum)
if [ ! -e "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$wanted" >"$stamp"
else
    touch "$stamp"
fi
