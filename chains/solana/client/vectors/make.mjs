// SPDX-License-Identifier: Apache-2.0
// Writes client.json: what @solana/kit and the @solana-program clients, both in
// devnet/node_modules, derive, compile and encode. Run from the repository root:
//   node chains/solana/client/vectors/make.mjs
import {createRequire} from 'node:module';
import {readFileSync, writeFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {createHash} from 'node:crypto';

const require = createRequire(pathToFileURL(process.cwd() + '/devnet/package.json'));
const load = name => import(pathToFileURL(require.resolve(name)).href);
const kit = (m => m.default ?? m)(await load('@solana/kit'));
const system = (m => m.default ?? m)(await load('@solana-program/system'));
const token = (m => m.default ?? m)(await load('@solana-program/token'));

const hex = bytes => Buffer.from(bytes).toString('hex');
const base64 = bytes => Buffer.from(bytes).toString('base64');
const address_bytes = address => Buffer.from(kit.getAddressEncoder().encode(address));
/// Reproducible addresses: the sha256 of a name.
const named = name =>
    kit.getAddressDecoder().decode(createHash('sha256').update(name).digest());
const signer = name => kit.createNoopSigner(named(name));

const SYSTEM = '11111111111111111111111111111111';
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const ASSOCIATED = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';

async function program_addresses() {
    const cases = [
        [SYSTEM, []],
        [TOKEN, ['']],
        [ASSOCIATED, ['vault', '\u{1F511}']],
        ['BPFLoaderUpgradeab1e11111111111111111111111', [address_bytes(named('program'))]],
    ];
    for (let i = 0; i < 60; ++i) {
        cases.push([named('program ' + i), [`seed ${i}`, address_bytes(named('owner ' + i))]]);
    }
    cases.push([named('program'), Array.from({length: 15}, (_, i) => Buffer.alloc(32, i))]);
    const out = [];
    for (const [program, seeds] of cases) {
        const bytes = seeds.map(seed => Buffer.from(seed));
        const [address, bump] =
            await kit.getProgramDerivedAddress({programAddress: program, seeds: bytes});
        out.push({program, seeds: bytes.map(hex), address, bump});
    }
    return out;
}

async function associated() {
    const out = [];
    for (let i = 0; i < 20; ++i) {
        const [wallet, mint] = [named('wallet ' + i), named('mint ' + i)];
        const tokenProgram = i % 2 ? TOKEN : TOKEN_2022;
        const [address] =
            await token.findAssociatedTokenPda({owner: wallet, mint, tokenProgram});
        out.push({wallet, mint, token_program: tokenProgram, address});
    }
    return out;
}

async function seeded() {
    const out = [];
    for (const seed of ['', 'stake:0', 'x'.repeat(32)]) {
        const [base, owner] = [named('base ' + seed), named('owner ' + seed)];
        out.push({base, seed, owner,
                  address: await kit.createAddressWithSeed({
                      baseAddress: base, programAddress: owner, seed})});
    }
    return out;
}

const role = r => ({signer: kit.isSignerRole(r), writable: kit.isWritableRole(r)});
const plain = instruction => ({
    program: instruction.programAddress,
    accounts: (instruction.accounts ?? []).map(a => ({address: a.address, ...role(a.role)})),
    data: hex(instruction.data ?? []),
});

/// The program reads the rent sysvar itself when the account is not passed.
const without_optional_rent =
    instruction => ({...instruction, accounts: instruction.accounts.slice(0, 1)});

async function instructions() {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(named);
    const s = Object.fromEntries(['a', 'b', 'c', 'd'].map(n => [n, signer(n)]));
    const amount = 0x0102030405060708n;
    const one = {
        'system transfer':
            system.getTransferSolInstruction({source: s.a, destination: b, amount}),
        'system create_account': system.getCreateAccountInstruction(
            {payer: s.a, newAccount: s.b, lamports: amount, space: 165n, programAddress: c}),
        'system create_account_allow_prefund':
            system.getCreateAccountAllowPrefundInstruction({
                payer: s.a, newAccount: s.b, lamports: amount, space: 165n, programAddress: c}),
        'system create_account_with_seed': system.getCreateAccountWithSeedInstruction({
            payer: s.a, newAccount: b, baseAccount: s.c, base: c, seed: 'stake:0',
            amount, space: 200n, programAddress: d}),
        'system assign': system.getAssignInstruction({account: s.a, programAddress: b}),
        'system allocate': system.getAllocateInstruction({newAccount: s.a, space: 4096n}),
        'system advance_nonce_account':
            system.getAdvanceNonceAccountInstruction({nonceAccount: a, nonceAuthority: s.b}),
        'system initialize_nonce_account':
            system.getInitializeNonceAccountInstruction({nonceAccount: a, nonceAuthority: b}),
        'system withdraw_nonce_account': system.getWithdrawNonceAccountInstruction({
            nonceAccount: a, nonceAuthority: s.b, recipientAccount: c, withdrawAmount: amount}),
        'system authorize_nonce_account': system.getAuthorizeNonceAccountInstruction({
            nonceAccount: a, nonceAuthority: s.b, newNonceAuthority: c}),
        'token transfer': token.getTransferInstruction(
            {source: a, destination: b, authority: s.c, amount}),
        'token transfer_checked': token.getTransferCheckedInstruction(
            {source: a, mint: b, destination: c, authority: s.d, amount, decimals: 6}),
        'token approve_checked': token.getApproveCheckedInstruction(
            {source: a, mint: b, delegate: c, owner: s.d, amount, decimals: 6}),
        'token revoke': token.getRevokeInstruction({source: a, owner: s.b}),
        'token set_authority': token.getSetAuthorityInstruction(
            {owned: a, owner: s.b, authorityType: 2, newAuthority: c}),
        'token set_authority none': token.getSetAuthorityInstruction(
            {owned: a, owner: s.b, authorityType: 0, newAuthority: null}),
        'token mint_to_checked': token.getMintToCheckedInstruction(
            {mint: a, token: b, mintAuthority: s.c, amount, decimals: 6}),
        'token burn_checked': token.getBurnCheckedInstruction(
            {account: a, mint: b, authority: s.c, amount, decimals: 6}),
        'token close_account':
            token.getCloseAccountInstruction({account: a, destination: b, owner: s.c}),
        'token freeze_account':
            token.getFreezeAccountInstruction({account: a, mint: b, owner: s.c}),
        'token thaw_account':
            token.getThawAccountInstruction({account: a, mint: b, owner: s.c}),
        'token sync_native': without_optional_rent(token.getSyncNativeInstruction({account: a})),
        'token initialize_account3':
            token.getInitializeAccount3Instruction({account: a, mint: b, owner: c}),
        'token initialize_mint2': token.getInitializeMint2Instruction(
            {mint: a, decimals: 9, mintAuthority: b, freezeAuthority: c}),
        'token initialize_mint2 none': token.getInitializeMint2Instruction(
            {mint: a, decimals: 9, mintAuthority: b, freezeAuthority: null}),
        'associated_token create': await token.getCreateAssociatedTokenInstructionAsync(
            {payer: s.a, owner: b, mint: c}),
        'associated_token create_idempotent':
            await token.getCreateAssociatedTokenIdempotentInstructionAsync(
                {payer: s.a, owner: b, mint: c, tokenProgram: TOKEN_2022}),
    };
    return Object.entries(one).map(([name, instruction]) => ({name, ...plain(instruction)}));
}

/// Inside each of its four groups kit orders addresses by their base58 text, Latchkey by bytes.
/// Renumbers a compiled message, so that kit's encoder writes it in Latchkey's order.
function in_byte_order(compiled) {
    const keys = compiled.staticAccounts;
    const {numSignerAccounts: signers, numReadonlySignerAccounts: rs,
           numReadonlyNonSignerAccounts: rn} = compiled.header;
    const sorted = (from, to) => keys.slice(from, to).sort(
        (x, y) => Buffer.compare(address_bytes(x), address_bytes(y)));
    const order = [keys[0], ...sorted(1, signers - rs), ...sorted(signers - rs, signers),
                   ...sorted(signers, keys.length - rn), ...sorted(keys.length - rn, keys.length)];
    const moved = keys.map(key => order.indexOf(key));
    const lookups = compiled.addressTableLookups;
    const index = i => i < keys.length ? moved[i] : i;
    const out = {...compiled, staticAccounts: order};
    if (compiled.instructionHeaders) {
        out.instructionHeaders = compiled.instructionHeaders.map(
            h => ({...h, programAccountIndex: index(h.programAccountIndex)}));
        out.instructionPayloads = compiled.instructionPayloads.map(p => ({
            ...p, instructionAccountIndices: p.instructionAccountIndices.map(index)}));
    } else {
        out.instructions = compiled.instructions.map(i => ({
            ...i, programAddressIndex: index(i.programAddressIndex),
            ...(i.accountIndices ? {accountIndices: i.accountIndices.map(index)} : {})}));
    }
    if (lookups?.length) {
        throw new Error('messages with lookups are not renumbered');
    }
    return out;
}

function drafts() {
    const [payer, to, program] = ['payer', 'to', 'program'].map(named);
    const transfer =
        system.getTransferSolInstruction({source: signer('payer'), destination: to, amount: 1n});
    const {READONLY, READONLY_SIGNER, WRITABLE, WRITABLE_SIGNER} = kit.AccountRole;
    const many = {
        programAddress: program,
        accounts: Array.from({length: 20}, (_, i) => ({
            address: named('account ' + i),
            role: [READONLY, WRITABLE, i < 6 ? READONLY_SIGNER : READONLY,
                   i < 10 ? WRITABLE_SIGNER : WRITABLE][i % 4]})),
        data: Buffer.from('many accounts'),
    };
    const joined = {
        programAddress: named('program 2'),
        accounts: [{address: named('account 0'), role: WRITABLE},
                   {address: named('account 1'), role: READONLY_SIGNER},
                   {address: payer, role: READONLY}],
        data: Buffer.alloc(200, 7),
    };
    const nonce = system.getAdvanceNonceAccountInstruction(
        {nonceAccount: named('nonce'), nonceAuthority: signer('payer')});
    const tables = {[named('table 1')]: [named('other'), named('account 1'), named('account 5')],
                    [named('table 2')]: [named('account 7'), named('account 6'), program,
                                         named('account 2'), named('account 17')]};
    const out = [];
    for (const version of ['legacy', 0, 1]) {
        out.push({name: 'transfer', version, instructions: [transfer]});
        out.push({name: 'empty', version, instructions: []});
        out.push({name: 'no data, no accounts', version,
                  instructions: [{programAddress: program}]});
        out.push({name: 'joined privileges', version, instructions: [joined, transfer, joined]});
        out.push({name: 'durable nonce', version, instructions: [nonce, transfer]});
    }
    out.push({name: 'many accounts', version: 'legacy',
              instructions: [{...many, accounts: many.accounts.slice(10)}]});
    out.push({name: 'many accounts', version: 1, instructions: [many, joined, transfer]});
    out.push({name: 'long data', version: 1,
              instructions: [{programAddress: program, data: Buffer.alloc(3800, 9)}]});
    for (const config of [{computeUnitLimit: 200000},
                          {priorityFeeLamports: 0x1122334455667788n},
                          {loadedAccountsDataSizeLimit: 65536},
                          {heapSize: 262144},
                          {priorityFeeLamports: 1n, computeUnitLimit: 1400000,
                           loadedAccountsDataSizeLimit: 67108864, heapSize: 32768}]) {
        out.push({name: 'config ' + Object.keys(config).join(' '), version: 1,
                  instructions: [transfer], config});
    }
    out.push({name: 'lookup', version: 0, tables,
              instructions: [{...many, accounts: many.accounts.filter(
                  a => !kit.isSignerRole(a.role)).slice(0, 12)}]});
    return out;
}

function transactions() {
    const out = [];
    const blockhash = named('blockhash');
    for (const draft of drafts()) {
        let message = kit.createTransactionMessage({version: draft.version});
        message = kit.setTransactionMessageFeePayer(named('payer'), message);
        message = kit.setTransactionMessageLifetimeUsingBlockhash(
            {blockhash, lastValidBlockHeight: 0n}, message);
        message = kit.appendTransactionMessageInstructions(draft.instructions, message);
        if (draft.config) {
            message = kit.setTransactionMessageConfig(draft.config, message);
        }
        if (draft.tables) {
            message = kit.compressTransactionMessageUsingAddressLookupTables(message, draft.tables);
        }
        const compiled = kit.compileTransactionMessage(message);
        const encode = m => {
            const messageBytes = kit.getCompiledTransactionMessageEncoder().encode(m);
            const signatures = Object.fromEntries(
                m.staticAccounts.slice(0, m.header.numSignerAccounts).map(key => [key, null]));
            return base64(kit.getTransactionEncoder().encode({messageBytes, signatures}));
        };
        out.push({
            name: draft.name, version: draft.version === 'legacy' ? 'legacy' : 'v' + draft.version,
            fee_payer: named('payer'), lifetime: blockhash,
            instructions: draft.instructions.map(plain),
            tables: Object.entries(draft.tables ?? {}).map(
                ([table, addresses]) => ({table, addresses})),
            config: Object.fromEntries(
                Object.entries(draft.config ?? {}).map(([key, value]) => [key, String(value)])),
            kit_order: encode(compiled),
            ...(draft.tables ? {} : {byte_order: encode(in_byte_order(compiled))}),
        });
    }
    return out;
}

const vectors = {
    about: 'Made by make.mjs with @solana/kit ' + JSON.parse(
        readFileSync('devnet/node_modules/@solana/kit/package.json')).version,
    program_addresses: await program_addresses(),
    associated_token_addresses: await associated(),
    seeded_addresses: await seeded(),
    instructions: await instructions(),
    transactions: transactions(),
};
writeFileSync('chains/solana/client/vectors/client.json', JSON.stringify(vectors, null, 1) + '\n');
