#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs node_modules of this folder exactly as package-lock.json says, once: the stamp remembers which
# lock file was installed. Several builds may call this at the same time: the first installs, the
# rest wait.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.latchkey-stamp
exec 9>.install.lock
flock 9
wanted=$(cat package-lock.json .npmrc | sha256sum)
if [ ! -e "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    npm ci --no-audit --no-fund --loglevel=error
    echo "$wanted" >"$stamp"
else
    touch "$stamp"
fi
