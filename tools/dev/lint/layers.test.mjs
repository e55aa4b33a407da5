// SPDX-License-Identifier: Apache-2.0
// The dependency graph is enforced: a real CMake configuration with a forbidden edge stops with an
// error that names it, and the same one without the edge configures.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';

const kRoot = resolve(import.meta.dirname ?? '.', '../../..');

// Configures a project whose libraries are declared with the repository's own helpers.
function configure(declarations) {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-layers-'));
    try {
        writeFileSync(join(folder, 'CMakeLists.txt'), `
            cmake_minimum_required(VERSION 3.25)
            project(layers LANGUAGES NONE)
            list(APPEND CMAKE_MODULE_PATH "${kRoot}/cmake")
            include(layers)
            include(targets)
            ${declarations}`);
        const run = spawnSync('cmake', ['-S', folder, '-B', join(folder, 'build')],
            { encoding: 'utf8' });
        return { status: run.status, output: (run.stdout + run.stderr).replace(/\s+/g, ' ') };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

test('an allowed edge configures', () => {
    const { status, output } = configure(
        'latchkey_library(core)\nlatchkey_library(net PUBLIC latchkey::core)');
    assert.equal(status, 0, output);
});

test('core must not use net', () => {
    const { status, output } = configure(
        'latchkey_library(net)\nlatchkey_library(core PUBLIC latchkey::net)');
    assert.notEqual(status, 0);
    assert.match(output, /Layer 'core' must not use 'latchkey::net'/);
});

test('a private edge is checked too', () => {
    const { status, output } = configure('latchkey_library(signers PRIVATE latchkey::cli)');
    assert.notEqual(status, 0);
    assert.match(output, /Layer 'signers' must not use 'latchkey::cli'/);
});

test('a program is checked like a library', () => {
    const { status, output } = configure(
        'latchkey_program(x LAYER sbf_link SOURCES x.cpp LIBRARIES latchkey::core)');
    assert.notEqual(status, 0);
    assert.match(output, /Layer 'sbf_link' must not use 'latchkey::core'/);
});

test('a layer nobody declared is refused', () => {
    const { status, output } = configure('latchkey_library(attic)');
    assert.notEqual(status, 0);
    assert.match(output, /Unknown layer 'attic'/);
});
