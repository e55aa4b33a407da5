// SPDX-License-Identifier: Apache-2.0
// The syscalls of chains/solana/program/syscalls.hpp for programs compiled for the host.
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "chains/solana/program/accounts.hpp"
#include "chains/solana/program/authorization.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::program {

std::uint8_t* scratch(std::uint64_t offset) {
    return testing::Machine::current().frame().memory.heap.get() + offset;
}

}  // namespace latchkey::solana::program

namespace {

using latchkey::solana::testing::fail_native;
using latchkey::solana::testing::Machine;

constexpr std::size_t kClockSize = 40;
constexpr std::size_t kReturnDataMax = 1024;
constexpr std::uint64_t kOffsetLengthExceeds = 1;
constexpr std::uint64_t kSysvarNotFound = 2;

}  // namespace

extern "C" {

/// In the ELF sbf-link fills this; here the build does, with the same value.
extern const std::uint8_t latchkey_cluster[32];
const std::uint8_t latchkey_cluster[32] = {LATCHKEY_CLUSTER_BYTES};

std::uint64_t sol_invoke_signed_c(const SolInstruction* instruction, const SolAccountInfo* infos,
                                  std::uint64_t info_count, const SolSignerSeeds* signers,
                                  std::uint64_t signer_count) {
    // As in the VM the runtime writes new lengths into the infos.
    Machine::current().invoke(*instruction, {const_cast<SolAccountInfo*>(infos), info_count},
                              {signers, signer_count});
    return 0;
}

std::uint64_t sol_get_stack_height() {
    return Machine::current().stack_height();
}

std::uint64_t sol_get_sysvar(const std::uint8_t* sysvar_id, std::uint8_t* out, std::uint64_t offset,
                             std::uint64_t length) {
    if (!std::equal(sysvar_id, sysvar_id + 32, latchkey::solana::program::kClockSysvar)) {
        return kSysvarNotFound;
    }
    if (offset > kClockSize || length > kClockSize - offset) {
        return kOffsetLengthExceeds;
    }
    std::uint8_t clock[kClockSize] = {};
    latchkey::core::store_le(clock + 32,
                             static_cast<std::uint64_t>(Machine::current().chain().time()));
    std::copy_n(clock + offset, length, out);
    return 0;
}

std::uint64_t sol_get_processed_sibling_instruction(std::uint64_t index, SolProcessedSibling* meta,
                                                    std::uint8_t* program_id, std::uint8_t* data,
                                                    std::uint8_t* accounts) {
    return Machine::current().copy_sibling(index, meta, program_id, data, accounts) ? 1 : 0;
}

std::uint64_t sol_secp256k1_recover(const std::uint8_t* hash, std::uint64_t recovery_id,
                                    const std::uint8_t* signature, std::uint8_t* public_key) {
    namespace crypto = latchkey::core::crypto;
    if (recovery_id > 3) {
        return 2;
    }
    crypto::RecoverableSignature recoverable;
    recoverable.signature =
        crypto::Secp256k1Signature::from(std::span<const std::uint8_t, 64>(signature, 64));
    recoverable.recovery_id = static_cast<std::uint8_t>(recovery_id);
    // Like the VM's, unlike core's, this takes s of either half.
    const auto low = crypto::normalize_secp256k1_signature(recoverable.signature.view());
    if (!low.has_value()) {
        return 3;
    }
    if (*low != recoverable.signature) {
        recoverable.signature = *low;
        recoverable.recovery_id ^= 1;
    }
    const auto digest = latchkey::core::Hash32::from(std::span<const std::uint8_t, 32>(hash, 32));
    const auto key =
        crypto::recover_secp256k1(digest, recoverable).and_then(crypto::decompress_secp256k1);
    if (!key.has_value()) {
        return 3;
    }
    std::copy(key->begin() + 1, key->end(), public_key);
    return 0;
}

std::uint64_t sol_curve_validate_point(std::uint64_t curve, const std::uint8_t* point,
                                       std::uint8_t* /*result*/) {
    if (curve != 0) {
        fail_native("ProgramFailedToComplete");
    }
    const std::span<const std::uint8_t, 32> bytes(point, 32);
    return latchkey::core::crypto::is_on_ed25519_curve(bytes) ? 0 : 1;
}

std::uint64_t sol_curve_group_op(std::uint64_t curve, std::uint64_t operation,
                                 const std::uint8_t* scalar, const std::uint8_t* point,
                                 std::uint8_t* result) {
    constexpr std::array<std::uint8_t, 32> kEight = {8};
    if (curve != 0 || operation != 2 || !std::equal(kEight.begin(), kEight.end(), scalar)) {
        fail_native("ProgramFailedToComplete");
    }
    std::array<std::uint8_t, 32> sum;
    std::copy(point, point + 32, sum.begin());
    for (int i = 0; i < 3; ++i) {
        std::array<std::uint8_t, 32> doubled;
        if (crypto_core_ed25519_add(doubled.data(), sum.data(), sum.data()) != 0) {
            return 1;
        }
        sum = doubled;
    }
    std::copy(sum.begin(), sum.end(), result);
    return 0;
}

std::uint64_t sol_set_return_data(const std::uint8_t* data, std::uint64_t length) {
    if (length > kReturnDataMax) {
        fail_native("ProgramFailedToComplete");
    }
    Machine& machine = Machine::current();
    machine.return_data() = {machine.frame().program, {data, data + length}};
    return 0;
}

std::uint64_t sol_memmove_(std::uint8_t* to, const std::uint8_t* from, std::uint64_t length) {
    std::memmove(to, from, length);
    return 0;
}

std::uint64_t sol_memset_(std::uint8_t* to, std::uint64_t value, std::uint64_t length) {
    std::memset(to, static_cast<int>(value & 0xff), length);
    return 0;
}
}
