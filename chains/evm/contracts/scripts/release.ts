// SPDX-License-Identifier: Apache-2.0
// release.json: the contracts as `latchkey` puts them on a chain and finds wallets by. Addresses depend on
// every byte of it, so it changes only when somebody says so.
//
//   scripts/release.ts write    takes what forge has built
//   scripts/release.ts check    fails when forge builds something else
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

import { initCode } from './wallet/anvil.ts';

const file = join(dirname(fileURLToPath(import.meta.url)), '../release.json');
const names = ['WalletActions', 'WalletStandards', 'Factory', 'P256Verifier', 'Relay', 'TestToken'];
const built = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, initCode(name)])), null, 2)}\n`;

if (argv[2] === 'write') {
    writeFileSync(file, built);
} else if (argv[2] === 'check') {
    if (readFileSync(file, 'utf8') !== built) {
        console.error('release.json is not what forge builds; scripts/release.ts write takes the new contracts');
        exit(1);
    }
    console.log(`release.json: ${names.length} contracts as forge builds them`);
} else {
    console.error('say write or check');
    exit(2);
}
