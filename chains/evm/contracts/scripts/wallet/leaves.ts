// SPDX-License-Identifier: Apache-2.0
// What is signed (docs/spec/evm.md, section 7).
import { concat, hashStruct, hashTypedData, keccak256, zeroAddress, type Address, type Hex } from 'viem';

import { tag, uint } from './bytes.ts';

export interface Call {
    to: Address;
    value: bigint;
    data: Hex;
}

/// The members that most leaves begin with.
export interface Head {
    chain: bigint;
    wallet: Address;
    configuration: Hex;
    rule: number;
    nonce: bigint;
    deadline?: number;
    executor?: Address;
}

export const noDeadline = 0xffffffffff;
const domain = { name: 'Latchkey', version: '1' };
const member = (text: string) => {
    const [type, name] = text.split(' ');
    return { type, name };
};
const head = ['uint256 chain', 'address wallet', 'bytes32 configuration', 'uint8 rule'];
const nonced = [...head, 'uint256 nonce', 'uint40 deadline', 'address executor'];
const types = {
    Call: ['address to', 'uint256 value', 'bytes data'].map(member),
    Execute: [...nonced, 'Call[] calls'].map(member),
    ExecuteWithGas: [...nonced, 'Call[] calls', 'uint32 gas'].map(member),
    Grant: [...nonced, 'bytes localRule'].map(member),
    Revoke: [...nonced, 'bytes32 localRuleId'].map(member),
    Upgrade: [...nonced, 'address implementation', 'bytes32 codeHash'].map(member),
    Message: [...head, 'bytes32 hash'].map(member),
    UserOperation: [...head, 'uint40 deadline', 'address entryPoint', 'bytes32 userOpHash'].map(member),
    Adopt: ['uint256 chain', 'address wallet', 'bytes32 walletId'].map(member),
};

export type LeafType = Exclude<keyof typeof types, 'Call'>;

/// An action that is bound to one chain.
export interface Leaf {
    type: LeafType;
    message: Record<string, unknown>;
}

export function leafOf(type: LeafType, start: Partial<Head>, more: Record<string, unknown>): Leaf {
    return { type, message: { deadline: noDeadline, executor: zeroAddress, ...start, ...more } };
}

function typedData(leaf: Leaf) {
    const { Call, ...others } = types;
    const needsCall = leaf.type === 'Execute' || leaf.type === 'ExecuteWithGas';
    const own = { [leaf.type]: others[leaf.type] };
    return {
        domain,
        types: needsCall ? { ...own, Call } : own,
        primaryType: leaf.type,
        message: leaf.message,
    };
}

export function digestOf(leaf: Leaf): Hex {
    return hashTypedData(typedData(leaf) as Parameters<typeof hashTypedData>[0]);
}

export function leafHash(leaf: Leaf): Hex {
    const data = typedData(leaf);
    return hashStruct({ data: data.message, types: data.types, primaryType: data.primaryType } as Parameters<
        typeof hashStruct
    >[0]);
}

/// The chain-agnostic actions: policy 4, cancel 11, freeze 13, recover 14.
export function changeLeaf(
    walletId: Hex,
    parent: Hex,
    action: number,
    rule: number,
    epoch: number,
    content: Hex,
): Hex {
    const type = tag(
        'Change(bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,uint32 epoch,bytes32 content)',
    );
    return keccak256(
        concat([
            type,
            walletId,
            parent,
            uint(action, 32),
            uint(rule, 32),
            uint(epoch, 32),
            keccak256(content),
        ]),
    );
}

function digestOfHash(hash: Hex): Hex {
    const separator = keccak256(
        concat([tag('EIP712Domain(string name,string version)'), tag('Latchkey'), tag('1')]),
    );
    return keccak256(concat(['0x1901', separator, hash]));
}

/// One approval for several leaves. Returns the digest and, for each leaf, its height, index and siblings.
export function tree(leaves: Hex[]): { digest: Hex; proofs: Hex[] } {
    if (leaves.length === 1) {
        return { digest: digestOfHash(leaves[0]), proofs: ['0x'] };
    }
    const height = Math.ceil(Math.log2(leaves.length));
    let level = [...leaves, ...Array<Hex>(2 ** height - leaves.length).fill(tag('Latchkey empty leaf 1'))];
    const proofs = leaves.map((_, index) => [uint(height, 1), uint(index, 1)]);
    for (let depth = 0; depth < height; ++depth) {
        proofs.forEach((proof, index) => proof.push(level[(index >> depth) ^ 1]));
        level = level.flatMap((node, i) => (i % 2 === 0 ? [keccak256(concat([node, level[i + 1]]))] : []));
    }
    const root = keccak256(concat([tag(`Approval${2 ** height}(bytes32 root)`), level[0]]));
    return { digest: digestOfHash(root), proofs: proofs.map((proof) => concat(proof)) };
}
