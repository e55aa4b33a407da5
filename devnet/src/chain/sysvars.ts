// SPDX-License-Identifier: Apache-2.0
//
// The sysvars that move with every slot. Clock goes through the VM's own call; the two long lists
// are written as account data, which the VM reads like any other sysvar.

import { address_bytes, kRecentBlockhashesSysvar } from '../wire/addresses.ts';
import type { Machine } from '../vm/machine.ts';
import type { Blockhashes } from './blockhashes.ts';

/** Mainnet's epoch length; the chain has no warm-up epochs. */
export const kSlotsPerEpoch = 432_000;
/** The first slot: mainnet's epoch 1036, by when version 1 transactions were active. */
export const kStartSlot = 447_552_000;

const kSysvarOwner = address_bytes('Sysvar1111111111111111111111111111111111111');
const kSlotHashesSysvar = address_bytes('SysvarS1otHashes111111111111111111111111111');
const kSlotHashesEntries = 512;
const kRecentBlockhashesEntries = 150;
const kEntrySize = 40;
const kLamportsPerSignature = 5000n;

export interface Position {
    readonly slot: number;
    /** Unix seconds on the chain: the wall clock plus what was warped. */
    readonly time: number;
}

function list(
    entries: number,
    capacity: number,
    write: (target: Buffer, index: number) => void,
): Buffer {
    const data = Buffer.alloc(8 + capacity * kEntrySize);
    data.writeBigUInt64LE(BigInt(entries), 0);
    for (let index = 0; index < entries; index++) {
        write(data.subarray(8 + index * kEntrySize, 8 + (index + 1) * kEntrySize), index);
    }
    return data;
}

function set_sysvar(machine: Machine, address: Uint8Array, data: Uint8Array): void {
    machine.set_account(address, { lamports: 1n, owner: kSysvarOwner, data, executable: false });
}

/**
 * The current slot is in the list, unlike on a cluster: there, what a client reads as the newest
 * slot is always a little behind the one its transaction lands in, and programs that ask for a
 * recent slot (address lookup tables) rely on that.
 */
function set_slot_hashes(machine: Machine, hashes: Blockhashes, slot: number): void {
    const data = list(kSlotHashesEntries, kSlotHashesEntries, (entry, index) => {
        entry.writeBigUInt64LE(BigInt(slot - index), 0);
        Buffer.from(hashes.at(slot - index)).copy(entry, 8);
    });
    set_sysvar(machine, kSlotHashesSysvar, data);
}

function set_recent_blockhashes(machine: Machine, hashes: Blockhashes, slot: number): void {
    const data = list(kRecentBlockhashesEntries, kRecentBlockhashesEntries, (entry, index) => {
        Buffer.from(hashes.at(slot - 1 - index)).copy(entry, 0);
        entry.writeBigUInt64LE(kLamportsPerSignature, 32);
    });
    set_sysvar(machine, kRecentBlockhashesSysvar, data);
}

export function epoch_of(slot: number): number {
    return Math.floor(slot / kSlotsPerEpoch);
}

/** Moves the VM to a slot. */
export function enter_slot(machine: Machine, hashes: Blockhashes, position: Position): void {
    const before = machine.get_clock();
    const epoch = BigInt(epoch_of(position.slot));
    const time = BigInt(position.time);
    machine.set_clock({
        slot: BigInt(position.slot),
        unix_timestamp: time,
        epoch,
        leader_schedule_epoch: epoch + 1n,
        epoch_start_timestamp:
            before.epoch === epoch && before.epoch_start_timestamp !== 0n
                ? before.epoch_start_timestamp
                : time,
    });
    set_slot_hashes(machine, hashes, position.slot);
    set_recent_blockhashes(machine, hashes, position.slot);
}
