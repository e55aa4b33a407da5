// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/loader.hpp"

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::loader {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

// UpgradeableLoaderInstruction.
constexpr std::uint32_t kInitializeBuffer = 0;
constexpr std::uint32_t kWrite = 1;
constexpr std::uint32_t kDeployWithMaxDataLen = 2;
constexpr std::uint32_t kUpgrade = 3;
constexpr std::uint32_t kSetAuthority = 4;
constexpr std::uint32_t kClose = 5;
constexpr std::uint32_t kExtendProgram = 6;

// UpgradeableLoaderState.
constexpr std::uint32_t kBufferTag = 1;

Instruction instruction(std::vector<AccountMeta> accounts, ByteWriter& data) {
    return {kUpgradeableLoader, std::move(accounts), data.take()};
}

ByteWriter number(std::uint32_t value) {
    ByteWriter out;
    out.write_u32_le(value);
    return out;
}

}  // namespace

Result<Address> program_data_address(const Address& program) {
    const std::array<ByteView, 1> seeds = {program.view()};
    LATCHKEY_TRY(const ProgramAddress found, find_program_address(seeds, kUpgradeableLoader));
    return found.address;
}

Instruction initialize_buffer(const Address& buffer, const Address& authority) {
    ByteWriter data = number(kInitializeBuffer);
    return instruction({writable(buffer), readonly(authority)}, data);
}

Instruction write(const Address& buffer, const Address& authority, std::uint32_t offset,
                  ByteView code) {
    ByteWriter data = number(kWrite);
    data.write_u32_le(offset).write_u64_le(code.size()).write(code);
    return instruction({writable(buffer), readonly_signer(authority)}, data);
}

Result<Instruction> deploy(const Address& payer, const Address& program, const Address& buffer,
                           const Address& authority, std::uint64_t room) {
    LATCHKEY_TRY(const Address program_data, program_data_address(program));
    ByteWriter data = number(kDeployWithMaxDataLen);
    data.write_u64_le(room);
    return instruction({writable_signer(payer), writable(program_data), writable(program),
                        writable(buffer), readonly(kRentSysvar), readonly(kClockSysvar),
                        readonly(kSystemProgram), readonly_signer(authority)},
                       data);
}

Result<Instruction> upgrade(const Address& program, const Address& buffer, const Address& spill,
                            const Address& authority) {
    LATCHKEY_TRY(const Address program_data, program_data_address(program));
    ByteWriter data = number(kUpgrade);
    return instruction(
        {writable(program_data), writable(program), writable(buffer), writable(spill),
         readonly(kRentSysvar), readonly(kClockSysvar), readonly_signer(authority)},
        data);
}

Instruction set_authority(const Address& account, const Address& current,
                          const std::optional<Address>& next) {
    ByteWriter data = number(kSetAuthority);
    std::vector<AccountMeta> accounts = {writable(account), readonly_signer(current)};
    if (next) {
        accounts.push_back(readonly(*next));
    }
    return instruction(std::move(accounts), data);
}

Instruction close_buffer(const Address& buffer, const Address& to, const Address& authority) {
    ByteWriter data = number(kClose);
    return instruction({writable(buffer), writable(to), readonly_signer(authority)}, data);
}

Result<Instruction> extend(const Address& program, const Address& payer, std::uint32_t bytes) {
    LATCHKEY_TRY(const Address program_data, program_data_address(program));
    ByteWriter data = number(kExtendProgram);
    data.write_u32_le(bytes);
    return instruction({writable(program_data), writable(program), readonly(kSystemProgram),
                        writable_signer(payer)},
                       data);
}

Result<Buffer> decode_buffer(ByteView data) {
    ByteReader reader(data);
    Buffer out;
    LATCHKEY_TRY(const std::uint32_t tag, reader.read_u32_le());
    if (tag != kBufferTag) {
        return fail(ErrorCode::kUnsupported, "the account is not a buffer of loader-v3");
    }
    LATCHKEY_TRY(const std::uint8_t has_authority, reader.read_u8());
    if (has_authority > 1) {
        return fail(ErrorCode::kNonCanonical, "the buffer authority's tag");
    }
    // The room of the authority is kept even when there is none.
    LATCHKEY_TRY(const Address authority, reader.read_as<Address>());
    if (has_authority == 1) {
        out.authority = authority;
    }
    out.code = core::to_bytes(data.subspan(kBufferHead));
    return out;
}

core::Hash32 code_hash(ByteView code) {
    return core::crypto::keccak256(code);
}

}  // namespace latchkey::solana::loader
