#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Type check and tests of devnet/, with the Node.js that package-lock.json pins.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x node_modules/.bin/node ]; then
    echo "devnet/node_modules is missing: run ./dev setup" >&2
    exit 1
fi
exec npm test --silent
