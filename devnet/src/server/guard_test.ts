// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';

import { Guard, host_name } from './guard.ts';

const request = (host?: string, origin?: string): IncomingMessage =>
    ({ headers: { host, origin } }) as unknown as IncomingMessage;

test('host names are taken apart strictly', () => {
    assert.equal(host_name('LocalHost:8899'), 'localhost');
    assert.equal(host_name('localhost.'), 'localhost');
    assert.equal(host_name('[::1]:8899'), '::1');
    assert.equal(host_name('127.0.0.1'), '127.0.0.1');
    for (const bad of [
        '',
        'a b',
        'a:b',
        'a:123456',
        '[::1',
        'user@localhost',
        'localhost/x',
        'a,b',
    ]) {
        assert.equal(host_name(bad), null, bad);
    }
});

test('only this machine, literal addresses and allowed names are answered to', () => {
    const guard = new Guard({ hosts: ['chain.test'], origins: ['https://wallet.test'] });
    for (const host of [
        'localhost',
        'app.localhost:1',
        '127.9.9.9',
        '[::1]',
        '10.0.0.5:8899',
        'chain.test:8899',
    ]) {
        assert.equal(guard.refusal(request(host)), null, host);
    }
    for (const host of [
        undefined,
        'evil.test',
        'localhost.evil.test',
        '127.0.0.1.evil.test',
        '127.0.0.1x',
    ]) {
        assert.match(guard.refusal(request(host)) ?? '', /host name/, host);
    }
    for (const origin of [
        'http://localhost:5173',
        'https://127.0.0.1',
        'http://[::1]:3000',
        'https://wallet.test',
    ]) {
        assert.equal(guard.refusal(request('localhost', origin)), null, origin);
    }
    for (const origin of [
        'null',
        'https://evil.test',
        'https://localhost.evil.test',
        'https://wallet.test:444',
        'http://10.0.0.5',
        'file://localhost',
        'chrome-extension://abc',
    ]) {
        assert.match(guard.refusal(request('localhost', origin)) ?? '', /origin/, origin);
    }
    const open = new Guard({ hosts: [], origins: ['*'] });
    assert.equal(open.refusal(request('localhost', 'https://evil.test')), null);
});
