#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs devnet/node_modules exactly as package-lock.json says, once. Several builds may call this at
# the same time: the first one installs, the rest wait for it.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.latchkey-stamp
exec 9>.install.lock
flock 9
for input in package-lock.json package.json .npmrc; do
    if [ ! -e "$stamp" ] || [ "$input" -nt "$stamp" ]; then
        npm ci --no-audit --no-fund --loglevel=error
        touch "$stamp"
        break
    fi
done
