// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/deployed_program.hpp"

#include "chains/solana/client/loader.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

namespace {

// UpgradeableLoaderState, as bincode writes it.
constexpr std::uint32_t kProgramTag = 2;
constexpr std::uint32_t kProgramDataTag = 3;

}  // namespace

Result<Address> decode_program_account(ByteView data) {
    core::ByteReader reader(data);
    LATCHKEY_TRY(const std::uint32_t tag, reader.read_u32_le());
    if (tag != kProgramTag) {
        return fail(ErrorCode::kUnsupported, "the account is not a program of loader-v3");
    }
    LATCHKEY_TRY(const Address address, reader.read_as<Address>());
    if (data.size() != sizeof(tag) + Address::kSize) {
        return fail(ErrorCode::kTrailingBytes, "in a program's account");
    }
    return address;
}

Result<DeployedProgram> decode_program_data(ByteView data) {
    core::ByteReader reader(data);
    DeployedProgram out;
    LATCHKEY_TRY(const std::uint32_t tag, reader.read_u32_le());
    if (tag != kProgramDataTag || data.size() < loader::kProgramDataHead) {
        return fail(ErrorCode::kUnsupported, "the account does not hold a program's data");
    }
    LATCHKEY_TRY(out.slot, reader.read_u64_le());
    LATCHKEY_TRY(const std::uint8_t has_authority, reader.read_u8());
    if (has_authority > 1) {
        return fail(ErrorCode::kNonCanonical, "the upgrade authority's tag");
    }
    if (has_authority == 1) {
        LATCHKEY_TRY(out.upgrade_authority, reader.read_as<Address>());
    }
    out.data = core::to_bytes(data.subspan(loader::kProgramDataHead));
    return out;
}

Task<Result<DeployedProgram>> fetch_program(RpcClient& rpc, Address program) {
    const auto account = co_await rpc.get_account(program);
    if (!account) {
        co_return tl::unexpected(account.error());
    }
    if (!account->has_value() || (*account)->owner != kUpgradeableLoader) {
        co_return fail(ErrorCode::kUnsupported,
                       "there is no program of loader-v3 at " + to_base58(program));
    }
    const auto place = decode_program_account((*account)->data);
    if (!place) {
        co_return tl::unexpected(place.error());
    }
    const auto data = co_await rpc.get_account(*place);
    if (!data) {
        co_return tl::unexpected(data.error());
    }
    if (!data->has_value() || (*data)->owner != kUpgradeableLoader) {
        co_return fail(ErrorCode::kUnsupported, "the program was closed");
    }
    co_return decode_program_data((*data)->data);
}

}  // namespace latchkey::solana
