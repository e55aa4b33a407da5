// SPDX-License-Identifier: Apache-2.0
//
// sendTransaction, simulateTransaction, requestAirdrop, and the fee of a message.

import type { Simulation } from '../chain/chain.ts';
import type { LoadedAddresses } from '../chain/lookup_tables.ts';
import { make_meta } from '../chain/record.ts';
import { decode_token_account, decode_mint, ui_amount } from '../chain/tokens.ts';
import type { LocalNode } from '../node.ts';
import type { Account } from '../vm/machine.ts';
import { address_text } from '../wire/addresses.ts';
import { compact_u16 } from '../wire/builder.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { map_key, to_base58 } from '../wire/text.ts';
import { type Message, type Transaction, decode_transaction } from '../wire/transaction.ts';
import { encode_account, kAccountEncodings } from './account_encoding.ts';
import { type Methods, check_min_context_slot, with_context } from './context.ts';
import { error_text } from './error_texts.ts';
import {
    RpcError,
    invalid_params,
    kPreflightFailure,
    kSignatureVerificationFailure,
} from './errors.ts';
import { loaded_accounts_data_size } from './loaded_size.ts';
import { type Config, to_address, to_list, to_text, to_u64 } from './params.ts';
import { error_json, inner_instructions_json, return_data_json } from './transaction_encoding.ts';
import { type WireEncoding, decode_wire_message, decode_wire_transaction } from './wire_params.ts';

const kRecentFeeSlots = 150;
const kRecentFeeAccountsMax = 128;

function read_encoding(config: Config): WireEncoding {
    return config.choice('encoding', ['base58', 'base64'] as const) ?? 'base58';
}

function all_keys(transaction: Transaction, loaded: LoadedAddresses): Uint8Array[] {
    return [...transaction.message.account_keys, ...loaded.writable, ...loaded.readonly];
}

interface SimulationForm {
    readonly inner_instructions: boolean;
    readonly accounts: readonly Uint8Array[] | null;
    readonly account_encoding: 'base64' | 'base64+zstd' | 'jsonParsed';
    readonly replaced: boolean;
}

const kPreflightForm: SimulationForm = {
    inner_instructions: false,
    accounts: null,
    account_encoding: 'base64',
    replaced: false,
};

/** The state after a successful simulation; before, where it changed nothing. */
function overlay(node: LocalNode, simulation: Simulation): (address: Uint8Array) => Account | null {
    const changed = new Map(
        simulation.outcome.post_accounts.map((account) => [map_key(account.address), account]),
    );
    return (address) => {
        const account = changed.get(map_key(address));
        if (account === undefined) {
            return node.chain.get_account(address);
        }
        return account.lamports === 0n ? null : account;
    };
}

function balances_after(
    keys: readonly Uint8Array[],
    get_account: (address: Uint8Array) => Account | null,
): { lamports: Json; tokens: Json } {
    const tokens: Json[] = [];
    const lamports = keys.map((key, accountIndex) => {
        const account = get_account(key);
        const token = decode_token_account(account);
        const mint = token === null ? null : decode_mint(get_account(token.mint));
        if (account !== null && token !== null && mint !== null) {
            tokens.push({
                accountIndex,
                mint: address_text(token.mint),
                owner: address_text(token.owner),
                programId: address_text(account.owner),
                uiTokenAmount: { ...ui_amount(token.amount, mint.decimals) },
            });
        }
        return account?.lamports ?? 0n;
    });
    return { lamports, tokens };
}

/** RpcSimulateTransactionResult. */
function simulation_json(
    node: LocalNode,
    transaction: Transaction,
    simulation: Simulation,
    form: SimulationForm,
): JsonObject {
    const { outcome, loaded, before } = simulation;
    const keys = all_keys(transaction, loaded);
    const after_state = overlay(node, simulation);
    const meta = make_meta(outcome, before, before, loaded);
    const ran = outcome.logs.length > 0 || outcome.error === null;
    const after = ran ? balances_after(keys, after_state) : null;
    const latest = node.chain.latest_blockhash();
    const account_form = { encoding: form.account_encoding, slice: null };
    return {
        err: error_json(outcome.error),
        logs: [...outcome.logs],
        accounts:
            form.accounts === null
                ? null
                : form.accounts.map((address) => {
                      const account = outcome.error === null ? after_state(address) : null;
                      return account === null
                          ? null
                          : encode_account(address, account, account_form, after_state);
                  }),
        unitsConsumed: outcome.compute_units,
        loadedAccountsDataSize: loaded_accounts_data_size(
            keys,
            transaction.message.lookups.length,
            (address) => node.chain.get_account(address),
        ),
        returnData: return_data_json(meta.return_data),
        innerInstructions: form.inner_instructions
            ? inner_instructions_json(meta.inner, {
                  all: keys,
                  static_count: transaction.message.account_keys.length,
                  loaded_writable: loaded.writable.length,
              })
            : null,
        replacementBlockhash: form.replaced
            ? {
                  blockhash: to_base58(latest.hash),
                  lastValidBlockHeight: latest.last_valid_block_height,
              }
            : null,
        fee: ran ? outcome.fee : null,
        loadedAddresses: { ...meta.loaded },
        preBalances: ran ? meta.pre_balances : null,
        postBalances: after?.lamports ?? null,
        preTokenBalances: ran ? (meta.pre_tokens as unknown as Json) : null,
        postTokenBalances: after?.tokens ?? null,
    };
}

/** Errors that concern the transaction's form are errors of the request. */
function refuse_malformed(error: unknown): void {
    if (error === 'SanitizeFailure') {
        throw invalid_params(`invalid transaction: ${error_text('SanitizeFailure')}`);
    }
    if (error === 'SignatureFailure') {
        throw new RpcError(
            kSignatureVerificationFailure,
            'Transaction signature verification failure',
        );
    }
}

function preflight(node: LocalNode, transaction: Transaction): void {
    const simulation = node.chain.simulate(transaction, { signatures: true, lifetime: true });
    const { error } = simulation.outcome;
    refuse_malformed(error);
    if (error !== null) {
        throw new RpcError(
            kPreflightFailure,
            `Transaction simulation failed: ${error_text(error)}`,
            simulation_json(node, transaction, simulation, kPreflightForm),
        );
    }
}

/** The transaction with the newest blockhash in place of its own; its signatures no longer hold. */
function with_latest_blockhash(node: LocalNode, transaction: Transaction): Transaction {
    const bytes = Buffer.from(transaction.bytes);
    const message_offset = transaction.message_bytes.byteOffset - transaction.bytes.byteOffset;
    const lifetime_offset = transaction.message.lifetime.byteOffset - transaction.bytes.byteOffset;
    if (message_offset < 0 || lifetime_offset < message_offset) {
        throw new Error('the decoded transaction does not share the memory of its bytes');
    }
    Buffer.from(node.chain.latest_blockhash().hash).copy(bytes, lifetime_offset);
    return decode_transaction(bytes);
}

function read_simulated_accounts(
    config: Config,
): Pick<SimulationForm, 'accounts' | 'account_encoding'> {
    if (config.get('accounts') === undefined) {
        return { accounts: null, account_encoding: 'base64' };
    }
    const accounts = config.nested('accounts');
    const encoding = accounts.choice('encoding', kAccountEncodings) ?? 'base64';
    if (encoding === 'binary' || encoding === 'base58') {
        throw invalid_params('base58 encoding not supported');
    }
    return {
        accounts: to_list(accounts.get('addresses'), 'accounts.addresses', 256).map((value) =>
            to_address(value, 'address'),
        ),
        account_encoding: encoding,
    };
}

/** A transaction of this message with empty signatures, to ask the VM for its fee. */
function unsigned_transaction(message: Message, bytes: Uint8Array): Transaction {
    const count = message.header.num_required_signatures;
    const signatures = Buffer.alloc(64 * count);
    return decode_transaction(
        message.version === 1
            ? Buffer.concat([bytes, signatures])
            : Buffer.concat([Uint8Array.from(compact_u16(count)), signatures, bytes]),
    );
}

export const kTransactionMethods: Methods = {
    sendTransaction: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        config.commitment('preflightCommitment');
        config.count('maxRetries');
        const text = to_text(args.required(0, 'transaction'), 'transaction');
        const transaction = decode_wire_transaction(text, read_encoding(config));
        if (transaction.signatures.length === 0) {
            throw invalid_params(`invalid transaction: ${error_text('SanitizeFailure')}`);
        }
        check_min_context_slot(node, config);
        if (!config.flag('skipPreflight')) {
            preflight(node, transaction);
        }
        const { outcome } = node.chain.submit(transaction, node.wall);
        // A node that skips its preflight still refuses what cannot be a transaction. What merely
        // is not accepted, it sends on, and nothing ever comes of it.
        if (outcome.error === 'SanitizeFailure') {
            refuse_malformed(outcome.error);
        }
        return to_base58(transaction.signatures[0]!);
    },

    simulateTransaction: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        config.commitment();
        const signatures = config.flag('sigVerify');
        const replaced = config.flag('replaceRecentBlockhash');
        if (signatures && replaced) {
            throw invalid_params('sigVerify may not be used with replaceRecentBlockhash');
        }
        const form: SimulationForm = {
            inner_instructions: config.flag('innerInstructions'),
            replaced,
            ...read_simulated_accounts(config),
        };
        const text = to_text(args.required(0, 'transaction'), 'transaction');
        const received = decode_wire_transaction(text, read_encoding(config));
        check_min_context_slot(node, config);
        const transaction = replaced ? with_latest_blockhash(node, received) : received;
        const simulation = node.chain.simulate(transaction, { signatures, lifetime: true });
        refuse_malformed(simulation.outcome.error);
        return with_context(node, simulation_json(node, transaction, simulation, form));
    },

    requestAirdrop: (node, args) => {
        args.at_most(3);
        const address = to_address(args.required(0, 'address'), 'address');
        const lamports = to_u64(args.required(1, 'lamports'), 'lamports');
        args.config(2).commitment();
        const { outcome, row } = node.airdrop(address, lamports);
        if (outcome.error !== null || row === null) {
            throw invalid_params(
                `airdrop request failed: ${outcome.error === null ? 'not executed' : error_text(outcome.error)}`,
            );
        }
        return to_base58(row.signature);
    },

    getFeeForMessage: (node, args) => {
        args.at_most(2);
        const config = args.config_or_commitment(1);
        config.commitment();
        check_min_context_slot(node, config);
        const { message, bytes } = decode_wire_message(
            to_text(args.required(0, 'message'), 'message'),
        );
        const transaction = unsigned_transaction(message, bytes);
        if (!node.chain.has_lifetime(transaction)) {
            return with_context(node, null);
        }
        const { outcome } = node.chain.simulate(transaction, {
            signatures: false,
            lifetime: false,
        });
        refuse_malformed(outcome.error);
        return with_context(node, outcome.fee);
    },

    getRecentPrioritizationFees: (node, args) => {
        args.at_most(1);
        const addresses = to_list(args.at(0) ?? [], 'addresses', kRecentFeeAccountsMax);
        addresses.forEach((value) => to_address(value, 'address'));
        const { slot } = node.chain;
        return Array.from({ length: kRecentFeeSlots }, (_, index) => ({
            slot: slot - kRecentFeeSlots + 1 + index,
            prioritizationFee: 0,
        }));
    },
};
