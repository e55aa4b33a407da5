// SPDX-License-Identifier: Apache-2.0
// The signature precompiles and the instructions sysvar.
#include "chains/solana/testing/native_machine.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

namespace crypto = core::crypto;

// PrecompileError, as custom codes.
constexpr std::uint32_t kInvalidSignature = 2;
constexpr std::uint32_t kInvalidDataOffsets = 3;
constexpr std::uint32_t kInvalidInstructionDataSize = 4;

constexpr std::uint16_t kThisInstruction = 0xffff;
constexpr std::size_t kSecp256r1SignaturesMax = 8;

/// The instructions of the transaction, and the one that runs.
struct Transaction {
    const std::vector<Instruction>& instructions;
    std::size_t current;

    ByteView data() const { return instructions[current].data; }
    ByteView slice(std::size_t instruction, std::size_t offset, std::size_t size) const {
        const std::size_t index = instruction == kThisInstruction ? current : instruction;
        if (index >= instructions.size()) {
            fail_native_custom(kInvalidDataOffsets);
        }
        const ByteView whole = instructions[index].data;
        if (offset > whole.size() || size > whole.size() - offset) {
            fail_native_custom(kInvalidDataOffsets);
        }
        return whole.subspan(offset, size);
    }
};

std::uint16_t u16(ByteView data, std::size_t at) {
    return core::load_le<std::uint16_t>(data.data() + at);
}

/// One signature of the ed25519 or secp256r1 precompile.
struct WideEntry {
    ByteView key;
    ByteView signature;
    ByteView message;
};

WideEntry read_wide(const Transaction& transaction, std::size_t index, std::size_t key_size) {
    const ByteView offsets = transaction.data().subspan(2 + 14 * index, 14);
    WideEntry entry;
    entry.signature = transaction.slice(u16(offsets, 2), u16(offsets, 0), 64);
    entry.key = transaction.slice(u16(offsets, 6), u16(offsets, 4), key_size);
    entry.message = transaction.slice(u16(offsets, 12), u16(offsets, 8), u16(offsets, 10));
    return entry;
}

void check_wide(const Transaction& transaction, bool is_secp256r1) {
    const ByteView data = transaction.data();
    if (data.size() < 2 || (data[0] == 0 && (is_secp256r1 || data.size() > 2)) ||
        (is_secp256r1 && data[0] > kSecp256r1SignaturesMax) || data.size() < 2 + 14U * data[0]) {
        fail_native_custom(kInvalidInstructionDataSize);
    }
    for (std::size_t i = 0; i < data[0]; ++i) {
        const WideEntry entry = read_wide(transaction, i, is_secp256r1 ? 33 : 32);
        const bool is_valid =
            is_secp256r1
                ? crypto::verify_p256(crypto::P256PublicKey::from(entry.key.first<33>()),
                                      crypto::sha256(entry.message),
                                      crypto::P256Signature::from(entry.signature.first<64>()))
                      .has_value()
                : crypto::verify_ed25519(
                      crypto::Ed25519PublicKey::from(entry.key.first<32>()), entry.message,
                      crypto::Ed25519Signature::from(entry.signature.first<64>()))
                      .has_value();
        if (!is_valid) {
            fail_native_custom(kInvalidSignature);
        }
    }
}

void check_secp256k1(const Transaction& transaction) {
    const ByteView data = transaction.data();
    if (data.empty() || (data[0] == 0 && data.size() > 1) || data.size() < 1 + 11U * data[0]) {
        fail_native_custom(kInvalidInstructionDataSize);
    }
    for (std::size_t i = 0; i < data[0]; ++i) {
        const ByteView offsets = data.subspan(1 + 11 * i, 11);
        const ByteView signature = transaction.slice(offsets[2], u16(offsets, 0), 65);
        const ByteView address = transaction.slice(offsets[5], u16(offsets, 3), 20);
        const ByteView message = transaction.slice(offsets[10], u16(offsets, 6), u16(offsets, 8));
        crypto::RecoverableSignature recoverable;
        recoverable.signature = crypto::Secp256k1Signature::from(signature.first<64>());
        recoverable.recovery_id = signature[64];
        // Unlike core, the precompile takes s of either half: the mirrored signature has the
        // other parity.
        const auto low = crypto::normalize_secp256k1_signature(recoverable.signature.view());
        if (!low.has_value()) {
            fail_native_custom(kInvalidSignature);
        }
        if (*low != recoverable.signature) {
            recoverable.signature = *low;
            recoverable.recovery_id ^= 1;
        }
        const auto key = crypto::recover_secp256k1(crypto::keccak256(message), recoverable);
        const auto signer = key.and_then([](const auto& it) { return ethereum_address(it); });
        if (!signer.has_value() || !core::equal(signer->view(), address)) {
            fail_native_custom(kInvalidSignature);
        }
    }
}

}  // namespace

bool is_precompile(const Address& program) {
    return program == kEd25519Program || program == kSecp256k1Program ||
           program == kSecp256r1Program;
}

std::size_t precompile_signatures(const Instruction& instruction) {
    return is_precompile(instruction.program) && !instruction.data.empty() ? instruction.data[0]
                                                                           : 0;
}

void run_precompile(const std::vector<Instruction>& instructions, std::size_t index) {
    const Transaction transaction{instructions, index};
    if (instructions[index].program == kSecp256k1Program) {
        check_secp256k1(transaction);
    } else {
        check_wide(transaction, instructions[index].program == kSecp256r1Program);
    }
}

Bytes serialize_instructions_sysvar(const std::vector<Instruction>& instructions,
                                    const std::vector<LoadedAccount>& accounts,
                                    std::size_t current) {
    core::ByteWriter writer;
    writer.write_u16_le(static_cast<std::uint16_t>(instructions.size()));
    std::size_t offset = 2 + 2 * instructions.size();
    for (const Instruction& instruction : instructions) {
        writer.write_u16_le(static_cast<std::uint16_t>(offset));
        offset += 2 + 33 * instruction.accounts.size() + 32 + 2 + instruction.data.size();
    }
    for (const Instruction& instruction : instructions) {
        writer.write_u16_le(static_cast<std::uint16_t>(instruction.accounts.size()));
        for (const AccountMeta& meta : instruction.accounts) {
            for (const LoadedAccount& loaded : accounts) {
                if (loaded.address == meta.address) {
                    writer.write_u8(static_cast<std::uint8_t>((loaded.is_signer ? 1 : 0) |
                                                              (loaded.is_writable ? 2 : 0)));
                }
            }
            writer.write(meta.address.view());
        }
        writer.write(instruction.program.view());
        writer.write_u16_le(static_cast<std::uint16_t>(instruction.data.size()));
        writer.write(instruction.data);
    }
    writer.write_u16_le(static_cast<std::uint16_t>(current));
    return writer.take();
}

}  // namespace latchkey::solana::testing
