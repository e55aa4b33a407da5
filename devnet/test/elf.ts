// SPDX-License-Identifier: Apache-2.0

/**
 * The smallest sBPF v3 ELF there is (SIMD-0189): one code segment with `mov64 r0, result; exit`.
 * `padding`: further `exit` instructions, to make a larger file.
 */
export function tiny_program(result: number, padding = 0): Uint8Array {
    const code_size = 16 + 8 * padding;
    const elf = Buffer.alloc(120 + code_size);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
    elf.writeUInt16LE(3, 16);
    elf.writeUInt16LE(247, 18);
    elf.writeUInt32LE(1, 20);
    elf.writeBigUInt64LE(0x1_0000_0000n, 24);
    elf.writeBigUInt64LE(64n, 32);
    elf.writeUInt32LE(3, 48);
    [64, 56, 1, 64, 0, 0].forEach((value, index) => elf.writeUInt16LE(value, 52 + 2 * index));
    elf.writeUInt32LE(1, 64);
    elf.writeUInt32LE(1, 68);
    elf.writeBigUInt64LE(120n, 72);
    elf.writeBigUInt64LE(0x1_0000_0000n, 80);
    elf.writeBigUInt64LE(0x1_0000_0000n, 88);
    elf.writeBigUInt64LE(BigInt(code_size), 96);
    elf.writeBigUInt64LE(BigInt(code_size), 104);
    elf.writeBigUInt64LE(8n, 112);
    elf.writeUInt8(0xb7, 120);
    elf.writeUInt32LE(result, 124);
    for (let offset = 128; offset < elf.length; offset += 8) {
        elf.writeUInt8(0x95, offset);
    }
    return elf;
}
