// SPDX-License-Identifier: Apache-2.0
// The command line and its local chain, and what a signing page computes for it. Nothing here uses
// the library: challenge, key and signature are converted by their own specifications.

import { spawn, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kOrder = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

// The 48 bytes that base64url writes as 'A' + high nibbles, then 'A' + low nibbles, as letters.
export function challenge_of_digest(digest) {
    const letter = (nibble) => String.fromCharCode('A'.charCodeAt(0) + nibble);
    const bytes = Buffer.from(digest, 'hex');
    const text = [...bytes].map((byte) => letter(byte >> 4)).join('') +
        [...bytes].map((byte) => letter(byte & 15)).join('');
    return { text, hex: Buffer.from(text, 'base64url').toString('hex') };
}

// SubjectPublicKeyInfo of P-256 to the compressed point.
export function compressed_key(spki) {
    const point = Buffer.from(spki, 'hex').subarray(-65);
    if (point[0] !== 4) throw new Error('not an uncompressed point');
    return Buffer.concat([Buffer.from([2 + (point[64] & 1)]), point.subarray(1, 33)])
        .toString('hex');
}

// DER to r || s with s in the lower half.
export function raw_signature(der) {
    const bytes = Buffer.from(der, 'hex');
    const integer = (at) => {
        if (bytes[at] !== 2) throw new Error('not a DER signature');
        const end = at + 2 + bytes[at + 1];
        return { value: BigInt(`0x${bytes.subarray(at + 2, end).toString('hex')}`), end };
    };
    const r = integer(2);
    const s = integer(r.end).value;
    const low = s > kOrder / 2n ? kOrder - s : s;
    return [r.value, low].map((value) => value.toString(16).padStart(64, '0')).join('');
}

export const relying_party_hash = (name) => createHash('sha256').update(name).digest('hex');

// A program's exit code and what it wrote.
function run(file, words, options) {
    return new Promise((resolve) => {
        execFile(file, words, options, (error, stdout, stderr) => {
            resolve({ code: error ? error.code : 0, stdout, stderr });
        });
    });
}

// `latchkey dev` and the commands that talk to it, in a folder of their own.
export class LocalWallets {
    #bin;
    #node;
    #environment;

    static async start(bin_folder) {
        const out = new LocalWallets();
        out.#bin = bin_folder;
        out.folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
        out.#environment = { PATH: process.env.PATH, HOME: out.folder };
        out.#node = spawn(join(bin_folder, 'latchkey'), ['dev', '--json', '--port', '0'],
            { cwd: out.folder, env: out.#environment, stdio: ['ignore', 'pipe', 'inherit'] });
        const ready = await new Promise((resolve, reject) => {
            let text = '';
            out.#node.stdout.on('data', (chunk) => {
                text += chunk;
                if (text.includes('\n')) resolve(JSON.parse(text.split('\n', 1)[0]));
            });
            out.#node.once('error', reject);
            out.#node.once('exit', (code) => reject(new Error(`latchkey dev ended with ${code}`)));
        });
        out.rpc = ready.rpc;
        out.#environment.LATCHKEY_RPC = ready.rpc;
        return out;
    }

    async stop() {
        const ended = new Promise((resolve) => this.#node.once('exit', resolve));
        this.#node.kill('SIGINT');
        await ended;
        await rm(this.folder, { recursive: true, force: true });
    }

    // A command that has to succeed; its JSON.
    async latchkey(...words) {
        const { code, stdout, stderr } = await this.try_latchkey(...words);
        if (code !== 0) throw new Error(`latchkey ${words.join(' ')}: ${stderr || stdout}`);
        return JSON.parse(stdout);
    }

    try_latchkey(...words) {
        return run(join(this.#bin, 'latchkey'), ['--json', ...words],
            { cwd: this.folder, env: this.#environment });
    }

    // What `latchkey send` would refuse itself goes to the chain as it is: the program's verdict,
    // 0 when it accepted.
    async send_unchecked(request, approval) {
        const { code, stdout, stderr } = await run(join(this.#bin, 'e2e_unchecked_send'),
            [request, approval, 'payer.json', this.rpc],
            { cwd: this.folder, env: this.#environment });
        if (code !== 0) throw new Error(stderr);
        return JSON.parse(stdout);
    }

    async read(name) {
        return JSON.parse(await readFile(join(this.folder, name), 'utf8'));
    }

    write(name, value) {
        return writeFile(join(this.folder, name), JSON.stringify(value));
    }

    async call(method, parameters) {
        const response = await fetch(this.rpc, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters }),
        });
        const { result, error } = await response.json();
        if (error) throw new Error(`${method}: ${error.message}`);
        return result;
    }

    async lamports(address) {
        return (await this.call('getBalance', [address])).value;
    }
}
