// SPDX-License-Identifier: Apache-2.0
// A passkey made by Debian's Chromium owns a wallet on the local chain: the browser signs the
// digest, the command line sends, the program on the real VM accepts, and refuses what is wrong.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser, serve_page } from './browser.mjs';
import { challenge_of_digest, compressed_key, LocalWallets, raw_signature, relying_party_hash }
    from './wallet.mjs';

const kBinFolder = process.env.LATCHKEY_BIN ?? `${import.meta.dirname}/../../build/release/bin`;
const kVerdicts = {
    accepted: 0, state_address: 301, client_data: 411, user_verification: 413, relying_party: 414,
    nonce_used: 603,
};
// The secp256r1 precompile's own error, which is no verdict of the program.
const kPrecompileInvalidSignature = 2;

let page;
let browser;
let wallets;
let authenticator;
let passkey;
let recipient;
let files = 0;

before(async () => {
    page = await serve_page();
    wallets = await LocalWallets.start(kBinFolder);
    browser = await Browser.start();
    authenticator = await browser.add_authenticator();
    await browser.open(`http://localhost:${page.port}/`);
    passkey = await browser.create_passkey('localhost');
    const payer = await wallets.latchkey('key', 'new', 'payer.json');
    await wallets.call('requestAirdrop', [payer.address, 10_000_000_000]);
    recipient = (await wallets.latchkey('key', 'new', 'friend.json')).address;
    await wallets.latchkey('lanes', 'open', '--owner', 'payer.json', '--index', '0');
    await wallets.latchkey('warp', '520s');
});

after(async () => {
    await browser?.stop();
    await wallets?.stop();
    page?.close();
});

// A funded wallet of that passkey.
async function make_wallet(file, signer) {
    await wallets.latchkey('wallet', 'create', file, '--signer', signer);
    const { address: vault } = await wallets.latchkey('wallet', 'show', '--wallet', file);
    await wallets.call('requestAirdrop', [vault, 2_000_000_000]);
    return vault;
}

// A request for a payment of `amount` SOL; its file's name.
async function request_payment(wallet, amount, ...further) {
    const name = `request${++files}.json`;
    await wallets.latchkey('wallet', 'send', '--wallet', wallet, '--to', recipient, '--amount',
        amount, '--fee-payer', 'payer.json', '--rule', '0', '--request', name, ...further);
    return name;
}

// The browser's answer to a request.
async function assertion_for(request, options = {}) {
    const { digest } = await wallets.read(request);
    return browser.get_assertion({
        relying_party: 'localhost',
        id: passkey.id,
        challenge: challenge_of_digest(options.digest ?? digest).hex,
        ...options,
    });
}

// As a file that `latchkey send` takes.
async function approve(request, assertion) {
    const name = `approval${++files}.json`;
    const { digest } = await wallets.read(request);
    await wallets.write(name, {
        format: 'latchkey approvals 2',
        requests: [{
            digest,
            approvals: [{
                signer: 0,
                webauthn: raw_signature(assertion.signature),
                authenticator_data: assertion.authenticator_data,
                client_data_json: assertion.client_data_json,
            }],
        }],
    });
    return name;
}

const signer_of = (key, rp) => `webauthn:${compressed_key(key.spki)}@${rp},user-verification`;

test('the browser approves, the program accepts, once', async () => {
    const vault = await make_wallet('my.json', signer_of(passkey, 'localhost'));
    const request = await request_payment('my.json', '0.25', '--nonce', 'lane:0');
    const { digest } = await wallets.read(request);
    const assertion = await assertion_for(request);
    const client_data = JSON.parse(assertion.client_data_json);
    assert.equal(client_data.challenge, challenge_of_digest(digest).text);
    assert.equal(client_data.origin, `http://localhost:${page.port}`);
    assert.equal(assertion.authenticator_data.slice(0, 64), relying_party_hash('localhost'));
    const approval = await approve(request, assertion);
    const sent = await wallets.latchkey('send', request, '--approvals', approval, '--fee-payer',
        'payer.json');
    assert.ok(sent.compute_units > 0);
    assert.equal(await wallets.lamports(recipient), 250_000_000);
    assert.equal(await wallets.lamports(vault), 1_750_000_000);
    console.log(`passkey of Chromium: ${sent.compute_units} CU, ${sent.bytes} bytes, ` +
        `${sent.fee_lamports} lamports`);
    // The same assertion once more.
    const { verdict } = await wallets.send_unchecked(request, approval);
    assert.equal(verdict, kVerdicts.nonce_used);
    assert.equal(await wallets.lamports(vault), 1_750_000_000);
});

test('an answer without user verification is refused', async () => {
    const vault = await make_wallet('verified.json', signer_of(passkey, 'localhost'));
    const before_send = await wallets.lamports(vault);
    const request = await request_payment('verified.json', '0.5', '--nonce', 'lane:0');
    await authenticator.set_user_verified(false);
    const unverified = await assertion_for(request, { user_verification: 'discouraged' });
    await authenticator.set_user_verified(true);
    assert.equal(parseInt(unverified.authenticator_data.slice(64, 66), 16) & 4, 0);
    const approval = await approve(request, unverified);
    // Before it is sent, and by the program when it is sent nevertheless.
    const kept = await wallets.try_latchkey('send', request, '--approvals', approval,
        '--fee-payer', 'payer.json');
    assert.notEqual(kept.code, 0);
    assert.equal((await wallets.send_unchecked(request, approval)).verdict,
        kVerdicts.user_verification);
    assert.equal(await wallets.lamports(vault), before_send);
    const verified = await approve(request, await assertion_for(request));
    assert.equal((await wallets.send_unchecked(request, verified)).verdict, kVerdicts.accepted);
    assert.equal(await wallets.lamports(vault), before_send - 500_000_000);
});

test('an answer to another challenge or from another page is refused', async () => {
    const vault = await make_wallet('challenge.json',
        signer_of(passkey, 'localhost'));
    const before_send = await wallets.lamports(vault);
    const request = await request_payment('challenge.json', '0.125', '--nonce', 'lane:0');
    const other = await assertion_for(request, { digest: '5a'.repeat(32) });
    assert.equal((await wallets.send_unchecked(request, await approve(request, other))).verdict,
        kVerdicts.client_data);
    // The origin is signed: it cannot be written over afterwards.
    const good = await assertion_for(request);
    const moved = { ...good,
        client_data_json: good.client_data_json.replace('http://localhost', 'http://elsewhere') };
    assert.equal((await wallets.send_unchecked(request, await approve(request, moved))).verdict,
        kPrecompileInvalidSignature);
    // And a page of another domain does not get an answer of this passkey at all.
    await browser.open(`http://thief.localhost:${page.port}/`);
    await assert.rejects(assertion_for(request), /SecurityError/);
    await browser.open(`http://localhost:${page.port}/`);
    assert.equal(await wallets.lamports(vault), before_send);
    assert.equal((await wallets.send_unchecked(request, await approve(request, good))).verdict,
        kVerdicts.accepted);
});

test('a passkey of another relying party is refused', async () => {
    // Enrolled as localhost's, made and used on another page.
    await browser.open(`http://other.localhost:${page.port}/`);
    const other = await browser.create_passkey('other.localhost');
    const vault = await make_wallet('other.json', signer_of(other, 'localhost'));
    const before_send = await wallets.lamports(vault);
    const answer = async (request) => approve(request,
        await assertion_for(request, { relying_party: 'other.localhost', id: other.id }));
    // In genesis mode the relying party is part of the address; from the state it is compared.
    const by_genesis = await request_payment('other.json', '0.5', '--nonce', 'lane:0');
    assert.equal((await wallets.send_unchecked(by_genesis, await answer(by_genesis))).verdict,
        kVerdicts.state_address);
    const by_state = await request_payment('other.json', '0.5', '--nonce', 'state:0',
        '--create-state');
    assert.equal((await wallets.send_unchecked(by_state, await answer(by_state))).verdict,
        kVerdicts.relying_party);
    assert.equal(await wallets.lamports(vault), before_send);
    // Enrolled as what it is, it is as good as any.
    const right = await make_wallet('right.json', signer_of(other, 'other.localhost'));
    const request = await request_payment('right.json', '0.5', '--nonce', 'lane:0');
    assert.equal((await wallets.send_unchecked(request, await answer(request))).verdict,
        kVerdicts.accepted);
    assert.equal(await wallets.lamports(right), before_send - 500_000_000);
    await browser.open(`http://localhost:${page.port}/`);
});
