// SPDX-License-Identifier: Apache-2.0
//
// Reads what a subscription asks for. Default encodings and commitments are Agave's.

import { read_account_form } from '../rpc/account_encoding.ts';
import { read_filters } from '../rpc/account_filters.ts';
import { invalid_params } from '../rpc/errors.ts';
import { type Args, Config, to_address, to_list, to_signature } from '../rpc/params.ts';
import type { Json } from '../wire/json.ts';
import { map_key } from '../wire/text.ts';
import type { Interest, InterestKind } from './hub.ts';

function read_logs_filter(value: Json): string | null {
    if (value === 'all' || value === 'allWithVotes') {
        return null;
    }
    const config = new Config(value, 'logs filter');
    const list = to_list(config.get('mentions'), 'mentions', 1);
    if (list.length !== 1) {
        throw invalid_params('Invalid Request: Only 1 address supported');
    }
    return map_key(to_address(list[0], 'mentions'));
}

export const kSubscribe: { readonly [method: string]: (args: Args) => Interest } = {
    slotSubscribe: (args) => {
        args.at_most(0);
        return { kind: 'slot' };
    },
    rootSubscribe: (args) => {
        args.at_most(0);
        return { kind: 'root' };
    },
    signatureSubscribe: (args) => {
        args.at_most(2);
        const config = args.config(1);
        return {
            kind: 'signature',
            key: map_key(to_signature(args.required(0, 'signature'), 'signature')),
            commitment: config.commitment(),
            received: config.flag('enableReceivedNotification'),
        };
    },
    accountSubscribe: (args) => {
        args.at_most(2);
        const config = args.config(1);
        return {
            kind: 'account',
            key: map_key(to_address(args.required(0, 'address'), 'address')),
            commitment: config.commitment(),
            form: read_account_form(config),
        };
    },
    programSubscribe: (args) => {
        args.at_most(2);
        const config = args.config(1);
        return {
            kind: 'program',
            key: map_key(to_address(args.required(0, 'program'), 'program')),
            commitment: config.commitment(),
            form: read_account_form(config),
            filter: read_filters(config),
        };
    },
    logsSubscribe: (args) => {
        args.at_most(2);
        return {
            kind: 'logs',
            key: read_logs_filter(args.required(0, 'logs filter')),
            commitment: args.config(1).commitment(),
        };
    },
};

export const kUnsubscribe: { readonly [method: string]: InterestKind } = {
    slotUnsubscribe: 'slot',
    rootUnsubscribe: 'root',
    signatureUnsubscribe: 'signature',
    accountUnsubscribe: 'account',
    programUnsubscribe: 'program',
    logsUnsubscribe: 'logs',
};
