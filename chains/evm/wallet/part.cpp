// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/part.hpp"

#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

constexpr std::uint8_t kSignersMask = 0x0f;
/// How far behind its bytes the reader of rules may look.
constexpr std::size_t kReadAhead = 64;

}  // namespace

Result<SignerList> read_signers(ByteView part) {
    core::ByteReader reader(part);
    LATCHKEY_TRY(const std::uint8_t counts, reader.read_u8());
    SignerList out;
    for (std::size_t left = (counts & kSignersMask) + 1U; left != 0; --left) {
        LATCHKEY_TRY(const std::uint8_t head, reader.read_u8());
        core::Signer signer;
        signer.kind = static_cast<core::SignerKind>(head & core::kSignerKindMask);
        signer.same_party = (head & core::kSignerSameParty) != 0;
        signer.option = (head & core::kSignerOption) != 0;
        const std::uint64_t size = core::signer_key_size(signer.kind);
        if (size == 0) {
            return fail(ErrorCode::kUnsupported, "a signer of an unknown kind");
        }
        LATCHKEY_TRY(const ByteView key, reader.read(size));
        signer.key = core::to_bytes(key);
        out.signers.push_back(std::move(signer));
    }
    out.end = reader.position();
    return out;
}

Result<PartShape> read_part(ByteView part) {
    PartShape out;
    LATCHKEY_TRY(out.signers, read_signers(part));
    const Bytes padded = core::concat(part, Bytes(kReadAhead));
    out.end = out.signers.end;
    for (std::size_t left = (part[0] >> 4U) + 1U; left != 0; --left) {
        core::RuleView rule;
        if (core::read_rule_within(padded.data() + out.end, part.size() - out.end,
                                   out.signers.signers.size(), &rule) == 0) {
            return fail(ErrorCode::kUnexpectedEnd, "a rule of the configuration");
        }
        out.rules.push_back({rule.quorum > core::kQuorumThresholdMask,
                             (rule.quorum & core::kQuorumWait) != 0,
                             rule.limits == nullptr ? std::size_t{0} : *rule.limits});
        out.end = static_cast<std::size_t>(rule.end - padded.data());
    }
    return out;
}

}  // namespace latchkey::evm::wallet
