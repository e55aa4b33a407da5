// SPDX-License-Identifier: Apache-2.0
// What a block explorer compiles to see that code on a chain is this source: solc's standard JSON input of
// one contract, with the files that it imports and no others.
//
//   scripts/sources.ts Wallet > wallet.json
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders: Record<string, string> = {
    TokenPaymaster: 'src/paymaster',
    VerifyingPaymaster: 'src/paymaster',
};

/// Optimizer runs as foundry.toml restricts them.
function runsOf(file: string): number {
    const line = new RegExp(`paths = "${file}", optimizer_runs = ([0-9_]+)`);
    const found = line.exec(readFileSync(join(project, 'foundry.toml'), 'utf8'));
    if (!found) {
        throw new Error(`foundry.toml says nothing of ${file}`);
    }
    return Number((found[1] as string).replaceAll('_', ''));
}

function collect(file: string, sources: Record<string, { content: string }>): void {
    if (sources[file]) {
        return;
    }
    const content = readFileSync(join(project, file), 'utf8');
    sources[file] = { content };
    for (const [, path] of content.matchAll(/^import [^;]*"([^"]+)";/gm)) {
        collect(join(dirname(file), path as string), sources);
    }
}

export function standardInput(contract: string) {
    const file = `${folders[contract] ?? 'src'}/${contract}.sol`;
    const sources: Record<string, { content: string }> = {};
    collect(file, sources);
    const settings = {
        viaIR: true,
        evmVersion: 'cancun',
        optimizer: { enabled: true, runs: runsOf(file) },
        metadata: { bytecodeHash: 'none', appendCBOR: false },
        outputSelection: { [file]: { [contract]: ['evm.bytecode.object', 'abi'] } },
    };
    return { language: 'Solidity', sources, settings };
}

/// Init code as the compiler makes it of that input.
export function compile(contract: string): string {
    const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };
    const input = standardInput(contract);
    const output = JSON.parse(solc.compile(JSON.stringify(input)));
    const file = Object.keys(input.settings.outputSelection)[0] as string;
    return `0x${output.contracts[file][contract].evm.bytecode.object}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
    const contract = argv[2];
    if (!contract) {
        console.error('sources: name a contract');
        process.exit(1);
    }
    console.log(JSON.stringify(standardInput(contract)));
}
