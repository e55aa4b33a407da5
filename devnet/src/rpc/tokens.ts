// SPDX-License-Identifier: Apache-2.0

import {
    type Mint,
    type TokenAccount,
    decode_mint,
    decode_token_account,
    is_token_program,
    ui_amount,
} from '../chain/tokens.ts';
import type { LocalNode } from '../node.ts';
import type { AddressedAccount } from '../vm/machine.ts';
import { address_text, kToken2022Program, kTokenProgram } from '../wire/addresses.ts';
import type { Json } from '../wire/json.ts';
import { bytes_equal } from '../wire/text.ts';
import { encode_account, read_account_form } from './account_encoding.ts';
import { type Method, type Methods, check_min_context_slot, with_context } from './context.ts';
import { invalid_params } from './errors.ts';
import { Config, to_address } from './params.ts';

const kLargestAccounts = 20;

interface HeldToken {
    readonly account: AddressedAccount;
    readonly token: TokenAccount;
}

function token_accounts(node: LocalNode, program: Uint8Array): HeldToken[] {
    const held: HeldToken[] = [];
    for (const account of node.chain.get_program_accounts(program)) {
        const token = decode_token_account(account);
        if (token !== null) {
            held.push({ account, token });
        }
    }
    return held;
}

function require_mint(node: LocalNode, address: Uint8Array): Mint {
    const mint = decode_mint(node.chain.get_account(address));
    if (mint === null || !mint.initialized) {
        throw invalid_params('Invalid param: could not find mint');
    }
    return mint;
}

/** `{mint}` or `{programId}`: which token accounts are meant. */
function read_selection(
    node: LocalNode,
    value: Json,
): { program: Uint8Array; mint: Uint8Array | null } {
    const config = new Config(value, 'token account filter');
    const mint_value = config.get('mint');
    if (mint_value !== undefined) {
        const mint = to_address(mint_value, 'mint');
        const account = node.chain.get_account(mint);
        if (account === null || decode_mint(account) === null) {
            throw invalid_params('Invalid param: could not find mint');
        }
        return { program: account.owner, mint };
    }
    const program = to_address(config.get('programId'), 'programId');
    if (!is_token_program(program)) {
        throw invalid_params('Invalid param: unrecognized Token program id');
    }
    return { program, mint: null };
}

function accounts_by(belongs: (token: TokenAccount, key: Uint8Array) => boolean): Method {
    return (node, args) => {
        args.at_most(3);
        const key = to_address(args.required(0, 'address'), 'address');
        const selection = read_selection(node, args.required(1, 'token account filter'));
        const config = args.config(2);
        config.commitment();
        check_min_context_slot(node, config);
        const form = read_account_form(config);
        const get_account = (address: Uint8Array) => node.chain.get_account(address);
        const matches = token_accounts(node, selection.program).filter(
            ({ token }) =>
                belongs(token, key) &&
                (selection.mint === null || bytes_equal(token.mint, selection.mint)),
        );
        return with_context(
            node,
            matches.map(({ account }) => ({
                pubkey: address_text(account.address),
                account: encode_account(account.address, account, form, get_account),
            })),
        );
    };
}

export const kTokenMethods: Methods = {
    getTokenAccountsByOwner: accounts_by((token, key) => bytes_equal(token.owner, key)),

    getTokenAccountsByDelegate: accounts_by(
        (token, key) => token.delegate !== null && bytes_equal(token.delegate, key),
    ),

    getTokenAccountBalance: (node, args) => {
        args.at_most(2);
        args.config_or_commitment(1).commitment();
        const address = to_address(args.required(0, 'address'), 'address');
        const account = node.chain.get_account(address);
        if (account === null) {
            throw invalid_params('Invalid param: could not find account');
        }
        const token = decode_token_account(account);
        if (token === null) {
            throw invalid_params('Invalid param: not a Token account');
        }
        const mint = require_mint(node, token.mint);
        return with_context(node, { ...ui_amount(token.amount, mint.decimals) });
    },

    getTokenSupply: (node, args) => {
        args.at_most(2);
        args.config_or_commitment(1).commitment();
        const mint = require_mint(node, to_address(args.required(0, 'mint'), 'mint'));
        return with_context(node, { ...ui_amount(mint.supply, mint.decimals) });
    },

    getTokenLargestAccounts: (node, args) => {
        args.at_most(2);
        args.config_or_commitment(1).commitment();
        const address = to_address(args.required(0, 'mint'), 'mint');
        const mint = require_mint(node, address);
        const largest = [kTokenProgram, kToken2022Program]
            .flatMap((program) => token_accounts(node, program))
            .filter(({ token }) => bytes_equal(token.mint, address))
            .sort((a, b) => (a.token.amount < b.token.amount ? 1 : -1))
            .slice(0, kLargestAccounts);
        return with_context(
            node,
            largest.map(({ account, token }) => ({
                address: address_text(account.address),
                ...ui_amount(token.amount, mint.decimals),
            })),
        );
    },
};
