// SPDX-License-Identifier: Apache-2.0
// What docs/deploying.md promises of the contracts' sources.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compile } from '../../contracts/scripts/sources.ts';
import { initCode } from '../../contracts/scripts/wallet/anvil.ts';

for (const contract of ['Wallet', 'WalletActions', 'WalletStandards', 'Factory', 'P256Verifier', 'Relay']) {
    test(`anybody compiles ${contract} to the same code`, () => {
        assert.equal(compile(contract), initCode(contract));
    });
}
