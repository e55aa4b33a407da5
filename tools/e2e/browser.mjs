// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium without a window, driven through DevTools, with a virtual authenticator: what
// a passkey does in it is what it does in front of a person, except that nobody has to touch it.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kChromium = '/usr/bin/chromium';
const kStartSeconds = 30;
const kAnswerSeconds = 15;

export const chromium_is_installed = () => existsSync(kChromium);

// An empty page under any host name that leads here; http://localhost is a secure context.
export function serve_page() {
    return new Promise((resolve, reject) => {
        const server = createServer((request, response) => {
            response.setHeader('content-type', 'text/html');
            response.end('<!doctype html><title>passkey</title>');
        });
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve({
            port: server.address().port,
            close: () => server.close(),
        }));
    });
}

// One tab of a Chromium of its own.
export class Browser {
    #process;
    #folder;
    #socket;
    #session;
    #next_id = 1;
    #waiting = new Map();
    #listeners = new Map();

    static async start() {
        const browser = new Browser();
        browser.#folder = await mkdtemp(join(tmpdir(), 'latchkey-chromium-'));
        // Chromium's sandbox refuses to run as root.
        const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : [];
        browser.#process = spawn(kChromium, ['--headless=new', '--disable-gpu', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            '--disable-dev-shm-usage', '--remote-debugging-port=0', ...sandbox,
            `--user-data-dir=${browser.#folder}`, 'about:blank'],
        { stdio: ['ignore', 'ignore', 'pipe'] });
        const url = await browser.#devtools_url();
        await browser.#connect(url);
        return browser;
    }

    async stop() {
        this.#socket?.close();
        const ended = new Promise((resolve) => this.#process.once('exit', resolve));
        this.#process.kill('SIGKILL');
        await ended;
        await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }

    #devtools_url() {
        return new Promise((resolve, reject) => {
            let text = '';
            const timer = setTimeout(() => reject(new Error(`Chromium did not start:\n${text}`)),
                kStartSeconds * 1000);
            this.#process.stderr.on('data', (chunk) => {
                text += chunk;
                const match = text.match(/DevTools listening on (ws:\S+)/);
                if (match) {
                    clearTimeout(timer);
                    resolve(match[1]);
                }
            });
            this.#process.once('exit', (code) => {
                clearTimeout(timer);
                reject(new Error(`Chromium ended with ${code}:\n${text}`));
            });
        });
    }

    async #connect(url) {
        this.#socket = new WebSocket(url);
        await new Promise((resolve, reject) => {
            this.#socket.onopen = resolve;
            this.#socket.onerror = () => reject(new Error('no connection to Chromium'));
        });
        this.#socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
        const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
        const { sessionId } = await this.send('Target.attachToTarget',
            { targetId, flatten: true });
        this.#session = sessionId;
        await this.send('Page.enable');
        await this.send('WebAuthn.enable');
    }

    #receive(message) {
        if (message.id === undefined) {
            this.#listeners.get(message.method)?.(message.params);
            return;
        }
        const { resolve, reject } = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
    }

    // One DevTools command.
    send(method, params = {}) {
        const id = this.#next_id++;
        const message = { id, method, params };
        if (this.#session) message.sessionId = this.#session;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${method}: no answer`)),
                kAnswerSeconds * 1000);
            const done = (settle) => (value) => {
                clearTimeout(timer);
                settle(value);
            };
            this.#waiting.set(id, { resolve: done(resolve), reject: done(reject) });
            this.#socket.send(JSON.stringify(message));
        });
    }

    async open(url) {
        const loaded = new Promise((resolve) => {
            this.#listeners.set('Page.loadEventFired', resolve);
        });
        const { errorText } = await this.send('Page.navigate', { url });
        if (errorText) throw new Error(`${url}: ${errorText}`);
        await loaded;
    }

    // What an async function answers in the page, given JSON. A rejection there is one here, by the
    // DOMException's name.
    async run(page_function, ...parameters) {
        const call = parameters.map((value) => JSON.stringify(value)).join(',');
        const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
            expression: `(${page_function})(${call})`,
            awaitPromise: true,
            returnByValue: true,
            userGesture: true,
        });
        if (exceptionDetails) {
            throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        }
        return result.value;
    }

    // A platform authenticator that answers at once.
    async add_authenticator() {
        const { authenticatorId } = await this.send('WebAuthn.addVirtualAuthenticator', {
            options: {
                protocol: 'ctap2',
                transport: 'internal',
                hasResidentKey: true,
                hasUserVerification: true,
                isUserVerified: true,
                automaticPresenceSimulation: true,
            },
        });
        return {
            set_user_verified: (is_verified) => this.send('WebAuthn.setUserVerified',
                { authenticatorId, isUserVerified: is_verified }),
        };
    }

    // navigator.credentials.create(): {id, spki} in hex.
    create_passkey(relying_party) {
        return this.run(async (rp) => {
            const hex = (buffer) => [...new Uint8Array(buffer)]
                .map((byte) => byte.toString(16).padStart(2, '0')).join('');
            const credential = await navigator.credentials.create({
                publicKey: {
                    challenge: crypto.getRandomValues(new Uint8Array(32)),
                    rp: { id: rp, name: 'Latchkey' },
                    user: {
                        id: crypto.getRandomValues(new Uint8Array(16)),
                        name: 'somebody',
                        displayName: 'Somebody',
                    },
                    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
                    authenticatorSelection: {
                        residentKey: 'required',
                        userVerification: 'required',
                    },
                },
            });
            return {
                id: hex(credential.rawId),
                spki: hex(credential.response.getPublicKey()),
            };
        }, relying_party);
    }

    // navigator.credentials.get(): authenticator_data and signature (DER) in hex, client_data_json.
    get_assertion({ relying_party, id, challenge, user_verification = 'required' }) {
        return this.run(async (rp, credential_id, challenge_hex, verification) => {
            const hex = (buffer) => [...new Uint8Array(buffer)]
                .map((byte) => byte.toString(16).padStart(2, '0')).join('');
            const bytes = (text) => Uint8Array.from(text.match(/../g), (one) => parseInt(one, 16));
            const { response } = await navigator.credentials.get({
                publicKey: {
                    challenge: bytes(challenge_hex),
                    rpId: rp,
                    allowCredentials: [{ type: 'public-key', id: bytes(credential_id) }],
                    userVerification: verification,
                },
            });
            return {
                authenticator_data: hex(response.authenticatorData),
                signature: hex(response.signature),
                client_data_json: new TextDecoder().decode(response.clientDataJSON),
            };
        }, relying_party, id, challenge, user_verification);
    }
}
