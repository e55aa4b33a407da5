// SPDX-License-Identifier: Apache-2.0

import type { LocalNode } from '../node.ts';
import type { Json } from '../wire/json.ts';
import { address_text } from '../wire/addresses.ts';
import { type AccountForm, encode_account, read_account_form } from './account_encoding.ts';
import { read_filters } from './account_filters.ts';
import { type Methods, check_min_context_slot, with_context } from './context.ts';
import { invalid_params } from './errors.ts';
import { to_address, to_list, to_u64 } from './params.ts';

const kMultipleAccountsMax = 100;
const kDataLengthMax = 10n * 1024n * 1024n;

function account_or_null(node: LocalNode, address: Uint8Array, form: AccountForm): Json {
    const get_account = (key: Uint8Array) => node.chain.get_account(key);
    const account = get_account(address);
    return account === null ? null : encode_account(address, account, form, get_account);
}

export const kAccountMethods: Methods = {
    getBalance: (node, args) => {
        args.at_most(2);
        const config = args.config_or_commitment(1);
        config.commitment();
        check_min_context_slot(node, config);
        return with_context(
            node,
            node.chain.machine.get_balance(to_address(args.required(0, 'address'), 'address')),
        );
    },

    getAccountInfo: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        config.commitment();
        check_min_context_slot(node, config);
        const address = to_address(args.required(0, 'address'), 'address');
        return with_context(node, account_or_null(node, address, read_account_form(config)));
    },

    getMultipleAccounts: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        config.commitment();
        check_min_context_slot(node, config);
        const form = read_account_form(config, 'base64');
        const addresses = to_list(args.required(0, 'addresses'), 'addresses', kMultipleAccountsMax);
        return with_context(
            node,
            addresses.map((value) => account_or_null(node, to_address(value, 'address'), form)),
        );
    },

    getProgramAccounts: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        config.commitment();
        check_min_context_slot(node, config);
        const form = read_account_form(config);
        const filter = read_filters(config);
        const get_account = (key: Uint8Array) => node.chain.get_account(key);
        const accounts = node.chain
            .get_program_accounts(to_address(args.required(0, 'program'), 'program'))
            .filter(filter)
            .map((account) => ({
                pubkey: address_text(account.address),
                account: encode_account(account.address, account, form, get_account),
            }));
        return config.flag('withContext') ? with_context(node, accounts) : accounts;
    },

    getMinimumBalanceForRentExemption: (node, args) => {
        args.at_most(2);
        args.config_or_commitment(1).commitment();
        const length = to_u64(args.required(0, 'data length'), 'data length');
        if (length > kDataLengthMax) {
            throw invalid_params(
                `Invalid param: no account holds more than ${kDataLengthMax} bytes`,
            );
        }
        return node.chain.machine.minimum_balance(length);
    },
};
