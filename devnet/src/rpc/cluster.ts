// SPDX-License-Identifier: Apache-2.0

import { kSupplyLamports } from '../chain/chain.ts';
import { address_text } from '../wire/addresses.ts';
import { to_base58 } from '../wire/text.ts';
import { type Methods, kAgaveVersion, with_context } from './context.ts';

const kNoFeatureSet = 0;

export const kClusterMethods: Methods = {
    getVersion: (_node, args) => {
        args.at_most(0);
        return { 'solana-core': kAgaveVersion, 'feature-set': kNoFeatureSet };
    },

    getHealth: (_node, args) => {
        args.at_most(0);
        return 'ok';
    },

    getIdentity: (node, args) => {
        args.at_most(0);
        return { identity: address_text(node.identity.address) };
    },

    getGenesisHash: (node, args) => {
        args.at_most(0);
        return to_base58(node.genesis_hash);
    },

    getClusterNodes: (node, args) => {
        args.at_most(0);
        return [
            {
                pubkey: address_text(node.identity.address),
                gossip: null,
                tpu: null,
                rpc: null,
                version: kAgaveVersion,
                featureSet: kNoFeatureSet,
                shredVersion: 0,
            },
        ];
    },

    getVoteAccounts: (_node, args) => {
        args.at_most(1);
        return { current: [], delinquent: [] };
    },

    getSupply: (node, args) => {
        args.at_most(1);
        args.config(0).commitment();
        const { address } = node.chain.faucet;
        const faucet = node.chain.machine.get_balance(address);
        return with_context(node, {
            total: kSupplyLamports,
            circulating: kSupplyLamports - faucet,
            nonCirculating: faucet,
            nonCirculatingAccounts: [address_text(address)],
        });
    },
};
