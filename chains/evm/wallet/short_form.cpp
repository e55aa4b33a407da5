// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/short_form.hpp"

#include <algorithm>

#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/part.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/crypto/hash.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

enum Head : std::uint8_t { kGrant = 0x20, kRecovered = 0x30, kShared = 0x40, kLocal = 0x50 };
/// What stands between the proof and the evidence.
enum class Content { kCalls, kGrant, kOperation };

constexpr std::uint8_t kTree = 0x01;
constexpr std::uint8_t kExecutor = 0x02;
constexpr std::uint8_t kFee = 0x04;
constexpr std::uint8_t kHost = 0x08;

/// In a webauthn entry: its rpIdHash is that of the host.
constexpr std::uint8_t kElided = 0x40;
constexpr std::size_t kDeadlineSize = 5;
constexpr std::size_t kHostMax = 0xff;
constexpr std::size_t kPlaceMax = 0x0f;
constexpr std::uint8_t kTransfer[] = {0xa9, 0x05, 0x9c, 0xbb};
constexpr std::size_t kTransferSize = 68;

/// What the encoder is free to do.
struct Choices {
    std::optional<std::string> host{};
    std::uint8_t skip = 0;
    /// Bit i: the rpIdHash of signer i is left out.
    std::uint16_t elided = 0;
    /// Who is paid by the last call.
    std::optional<Address> fee_to{};
};

/// The configuration in two pieces: what stands before the signers, and what behind them.
struct Pieces {
    ByteView header{};
    std::uint8_t counts = 0;
    std::vector<core::Signer> signers{};
    ByteView rest{};
};

std::size_t header_size(const Source& source) {
    return std::holds_alternative<LocalSource>(source) ? 0 : 1;
}

Result<PartShape> shape_of(const Source& source) {
    const ByteView part = part_of(source);
    if (part.size() <= header_size(source)) {
        return fail(ErrorCode::kUnexpectedEnd, "a configuration");
    }
    return read_part(part.subspan(header_size(source)));
}

Result<Pieces> pieces_of(const Source& source) {
    const ByteView part = part_of(source);
    const std::size_t header = header_size(source);
    LATCHKEY_TRY(auto list, read_signers(part.subspan(header)));
    return Pieces{part.first(header), part[header], std::move(list.signers),
                  part.subspan(header + list.end)};
}

Bytes transfer_to(const Address& to, const Uint256& amount) {
    return core::concat(ByteView(kTransfer), Bytes(12), to, amount.to_word());
}

/// The amount, if the last call pays `sender` in the token that the first one calls.
std::optional<Uint256> fee_in(std::span<const Call> calls, const Address& sender) {
    if (calls.size() < 2) {
        return std::nullopt;
    }
    const Call& last = calls.back();
    if (last.to != calls[0].to || !last.value.is_zero() || last.data.size() != kTransferSize) {
        return std::nullopt;
    }
    const Uint256 amount = *Uint256::from_big_endian(ByteView(last.data).last(Hash32::kSize));
    return last.data == transfer_to(sender, amount) ? std::optional(amount) : std::nullopt;
}

/// The host of all passkeys that approve, if there is one.
std::optional<std::string> common_host(const Approvals& approvals) {
    std::optional<std::string> host;
    for (const Approval& approval : approvals.evidence) {
        const auto* passkey = std::get_if<PasskeyApproval>(&approval);
        if (passkey == nullptr) {
            continue;
        }
        const auto found = core::webauthn::host_of_standard_rest(passkey->rest);
        if (!found || found->size() > kHostMax || (host && *host != *found)) {
            return std::nullopt;
        }
        host = *found;
    }
    return host;
}

std::uint16_t elidable(const std::vector<core::Signer>& signers, std::string_view relying_party) {
    const Hash32 hash = core::crypto::sha256(core::as_bytes(relying_party));
    unsigned mask = 0;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (signers[i].kind == core::kSignerWebauthn &&
            core::equal(ByteView(signers[i].key).last(Hash32::kSize), hash)) {
            mask |= 1U << i;
        }
    }
    return static_cast<std::uint16_t>(mask);
}

Choices choose(const ApprovedAction& action, const std::vector<core::Signer>& signers,
               const std::optional<Address>& sender) {
    Choices out;
    out.host = common_host(action.approvals);
    for (std::size_t skip = 0; out.host && out.elided == 0 && skip < out.host->size(); ++skip) {
        out.elided = elidable(signers, std::string_view(*out.host).substr(skip));
        out.skip = out.elided == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(skip);
    }
    const auto* execute = std::get_if<Execute>(&action.body);
    if (sender && execute != nullptr && fee_in(execute->calls, *sender)) {
        out.fee_to = sender;
    }
    return out;
}

std::uint8_t head_of(const Source& source, Content content) {
    return content == Content::kGrant                       ? kGrant
           : std::holds_alternative<LocalSource>(source)    ? kLocal
           : std::holds_alternative<RecoverySource>(source) ? kRecovered
                                                            : kShared;
}

Result<void> write_configuration(ByteWriter& out, const Pieces& pieces, const Choices& choices) {
    out.write(pieces.header).write_u8(pieces.counts);
    for (std::size_t i = 0; i < pieces.signers.size(); ++i) {
        const core::Signer& signer = pieces.signers[i];
        const bool is_elided = (choices.elided >> i & 1U) != 0;
        out.write_u8(static_cast<std::uint8_t>(
            signer.kind | (signer.same_party ? core::kSignerSameParty : 0) |
            (signer.option ? core::kSignerOption : 0) | (is_elided ? kElided : 0)));
        out.write(is_elided ? ByteView(signer.key).first(core::crypto::P256PublicKey::kSize)
                            : ByteView(signer.key));
    }
    out.write(pieces.rest);
    return {};
}

Result<void> write_proof(ByteWriter& out, const Source& source) {
    if (const auto* policy = std::get_if<PolicySource>(&source)) {
        out.write(policy->wallet_id).write(policy->parent);
    } else if (const auto* recovery = std::get_if<RecoverySource>(&source)) {
        out.write(recovery->wallet_id).write(recovery->commitment);
        out.write_u8(recovery->rule | core::kRecoveryRule).write_u32_be(recovery->epoch);
    } else if (const auto* local = std::get_if<LocalSource>(&source)) {
        out.write(local->rule_id).write(local->wallet_id).write(local->config_id);
        out.write_u32_be(local->version);
        LATCHKEY_CHECK(write_uint(out, local->others.size() + 1, 1));
        for (const core::LocalRuleId& id : local->others) {
            out.write(id);
        }
    }
    return {};
}

Result<void> write_evidence(ByteWriter& out, const Approvals& approvals, bool has_host) {
    if (approvals.tree) {
        LATCHKEY_CHECK(write_tree(out, *approvals.tree));
    }
    for (const Approval& approval : approvals.evidence) {
        if (const auto* secp256k1 = std::get_if<Secp256k1Approval>(&approval)) {
            LATCHKEY_CHECK(write_recoverable(out, secp256k1->signature));
        } else if (const auto* p256 = std::get_if<P256Approval>(&approval)) {
            write_p256(out, p256->signature, p256->y);
        } else {
            const auto& passkey = std::get<PasskeyApproval>(approval);
            write_p256(out, passkey.signature, passkey.y);
            out.write_u8(passkey.flags).write_u32_be(passkey.counter);
            if (!has_host) {
                LATCHKEY_CHECK(write_sized(out, core::as_bytes(passkey.rest), 2));
            }
        }
    }
    return {};
}

Result<void> write_calls(ByteWriter& out, std::span<const Call> calls, const Choices& choices) {
    for (const Call& call : choices.fee_to ? calls.first(calls.size() - 1) : calls) {
        LATCHKEY_CHECK(write_call(out, call));
    }
    if (choices.fee_to) {
        write_amount(out, *fee_in(calls, *choices.fee_to));
    }
    return {};
}

Result<void> write_content(ByteWriter& out, const ApprovedAction& action, Content content,
                           const Choices& choices) {
    if (content == Content::kOperation) {
        return {};
    }
    if (const auto* grant = std::get_if<Grant>(&action.body)) {
        LATCHKEY_CHECK(write_ids(out, grant->present));
        return write_sized(out, grant->local_rule, 2);
    }
    return write_calls(out, std::get<Execute>(action.body).calls, choices);
}

/// Of an action that fits. A user operation is an execute without its calls.
Result<Bytes> encode(const ApprovedAction& action, Content content, const Choices& choices) {
    const Source& source = action.authority.source;
    const std::size_t calls =
        content == Content::kCalls ? std::get<Execute>(action.body).calls.size() : 1;
    LATCHKEY_TRY(const Pieces pieces, pieces_of(source));
    LATCHKEY_CHECK(check_approvals(pieces.signers, action.approvals));
    const auto* local = std::get_if<LocalSource>(&source);
    ByteWriter out(1024);
    out.write_u8(
        static_cast<std::uint8_t>(head_of(source, content) | (action.approvals.tree ? kTree : 0) |
                                  (action.terms.has_executor ? kExecutor : 0) |
                                  (choices.fee_to ? kFee : 0) | (choices.host ? kHost : 0)));
    out.write_u8(local != nullptr ? local->place : action.authority.rule);
    LATCHKEY_CHECK(write_uint(out, action.terms.deadline.value_or(kNoDeadline), kDeadlineSize));
    out.write_u16_be(action.approvals.approvers);
    LATCHKEY_CHECK(write_uint(out, pieces.rest.size(), 2));
    out.write_u8(static_cast<std::uint8_t>(calls - 1));
    if (choices.host) {
        out.write_u8(static_cast<std::uint8_t>(choices.host->size())).write_u8(choices.skip);
        out.write(core::as_bytes(*choices.host));
    }
    LATCHKEY_CHECK(write_configuration(out, pieces, choices));
    LATCHKEY_CHECK(write_proof(out, source));
    LATCHKEY_CHECK(write_content(out, action, content, choices));
    LATCHKEY_CHECK(write_evidence(out, action.approvals, choices.host.has_value()));
    return out.take();
}

/// The first twelve bytes and the host.
struct Opening {
    std::uint8_t head = 0;
    std::uint8_t rule = 0;
    std::uint64_t deadline = 0;
    std::uint16_t approvers = 0;
    std::uint16_t rest_size = 0;
    std::size_t calls = 0;
    Choices choices{};

    bool has(std::uint8_t flag) const { return (head & flag) != 0; }
    std::uint8_t form() const { return head & 0xf0; }
};

bool is_short_head(std::uint8_t head) {
    return head >= kGrant && head < kLocal + 0x10;
}

Result<Opening> read_opening(ByteReader& in) {
    Opening out;
    LATCHKEY_TRY(out.head, in.read_u8());
    if (!is_short_head(out.head)) {
        return fail(ErrorCode::kUnsupported, "the short form begins with 0x2 to 0x5");
    }
    LATCHKEY_TRY(out.rule, in.read_u8());
    LATCHKEY_TRY(out.deadline, read_uint(in, kDeadlineSize));
    LATCHKEY_TRY(out.approvers, in.read_be<std::uint16_t>());
    LATCHKEY_TRY(out.rest_size, in.read_be<std::uint16_t>());
    LATCHKEY_TRY(const std::uint8_t calls, in.read_u8());
    out.calls = calls + std::size_t{1};
    if (out.calls > kCallsMax) {
        return fail(ErrorCode::kOutOfRange, "an action has at most 16 calls");
    }
    if (out.has(kHost)) {
        LATCHKEY_TRY(const std::uint8_t size, in.read_u8());
        LATCHKEY_TRY(out.choices.skip, in.read_u8());
        LATCHKEY_TRY(const ByteView host, in.read(size));
        out.choices.host = core::as_text(host);
        if (out.choices.skip > size) {
            return fail(ErrorCode::kOutOfRange, "more is skipped than the host has");
        }
    }
    return out;
}

/// The shared part or local rule, complete.
Result<Bytes> read_configuration(ByteReader& in, Opening& opening, bool is_local) {
    ByteWriter out(512);
    if (!is_local) {
        LATCHKEY_TRY(const std::uint8_t header, in.read_u8());
        out.write_u8(header);
    }
    LATCHKEY_TRY(const std::uint8_t counts, in.read_u8());
    out.write_u8(counts);
    for (std::size_t i = 0; i < (counts & 0x0fU) + 1U; ++i) {
        LATCHKEY_TRY(const std::uint8_t head, in.read_u8());
        const std::uint64_t kind = head & core::kSignerKindMask;
        const bool is_elided = (head & kElided) != 0;
        if (is_elided && (kind != core::kSignerWebauthn || !opening.choices.host)) {
            return fail(ErrorCode::kNonCanonical, "nothing says which relying party");
        }
        LATCHKEY_TRY(const ByteView key, in.read(is_elided ? core::crypto::P256PublicKey::kSize
                                                           : core::signer_key_size(kind)));
        out.write_u8(static_cast<std::uint8_t>(head & ~kElided)).write(key);
        if (is_elided) {
            opening.choices.elided |= static_cast<std::uint16_t>(1U << i);
            out.write(core::crypto::sha256(core::as_bytes(
                std::string_view(*opening.choices.host).substr(opening.choices.skip))));
        }
    }
    LATCHKEY_TRY(const ByteView rest, in.read(opening.rest_size));
    out.write(rest);
    return out.take();
}

Result<Source> read_local_proof(ByteReader& in, const Opening& opening, Bytes local_rule) {
    LocalSource out;
    LATCHKEY_TRY(out.rule_id, in.read_as<core::RuleId>());
    LATCHKEY_TRY(out.wallet_id, in.read_as<core::WalletId>());
    LATCHKEY_TRY(out.config_id, in.read_as<core::ConfigId>());
    LATCHKEY_TRY(out.version, in.read_be<std::uint32_t>());
    LATCHKEY_TRY(const std::uint8_t count, in.read_u8());
    if (count == 0 || opening.rule >= count || opening.rule > kPlaceMax) {
        return fail(ErrorCode::kOutOfRange, "the place of a local rule");
    }
    LATCHKEY_TRY(out.others, in.read_list<core::LocalRuleId>(count - 1U, "local rules"));
    out.place = opening.rule;
    out.local_rule = std::move(local_rule);
    return out;
}

Result<Source> read_recovery_proof(ByteReader& in, Bytes shared) {
    RecoverySource out;
    out.shared = std::move(shared);
    LATCHKEY_TRY(out.wallet_id, in.read_as<core::WalletId>());
    LATCHKEY_TRY(out.commitment, in.read_as<Hash32>());
    LATCHKEY_TRY(const std::uint8_t rule, in.read_u8());
    LATCHKEY_TRY(out.epoch, in.read_be<std::uint32_t>());
    if ((rule & core::kRecoveryRule) == 0) {
        return fail(ErrorCode::kOutOfRange, "a rule of the recovery part recovers");
    }
    out.rule = static_cast<std::uint8_t>(rule & ~core::kRecoveryRule);
    return out;
}

Result<Source> read_source(ByteReader& in, Opening& opening) {
    const std::uint8_t form = opening.form();
    LATCHKEY_TRY(Bytes part, read_configuration(in, opening, form == kLocal));
    if (form == kLocal) {
        return read_local_proof(in, opening, std::move(part));
    }
    if (form == kRecovered) {
        return read_recovery_proof(in, std::move(part));
    }
    // A genesis ends with a salt.
    LATCHKEY_TRY(const PartShape shape, read_part(ByteView(part).subspan(1)));
    const std::size_t commitment = (part[0] & core::kHeaderRecovery) != 0 ? Hash32::kSize : 0;
    if (part.size() > 1 + shape.end + commitment) {
        return GenesisSource{std::move(part)};
    }
    PolicySource out;
    out.shared = std::move(part);
    LATCHKEY_TRY(out.wallet_id, in.read_as<core::WalletId>());
    LATCHKEY_TRY(out.parent, in.read_as<core::ConfigId>());
    return out;
}

Result<std::vector<Call>> read_calls(ByteReader& in, Opening& opening, const Address& sender) {
    const std::size_t written = opening.calls - (opening.has(kFee) ? 1 : 0);
    std::vector<Call> out;
    for (std::size_t i = 0; i < written; ++i) {
        LATCHKEY_TRY(Call call, read_call(in));
        out.push_back(std::move(call));
    }
    if (opening.has(kFee)) {
        if (out.empty()) {
            return fail(ErrorCode::kNonCanonical, "a fee needs a call before it");
        }
        LATCHKEY_TRY(const Uint256 amount, read_amount(in));
        opening.choices.fee_to = sender;
        out.push_back({out[0].to, Uint256(), transfer_to(sender, amount)});
    }
    return out;
}

Result<Body> read_content(ByteReader& in, Opening& opening, const Address& sender) {
    if (opening.form() == kGrant) {
        Grant out;
        LATCHKEY_TRY(out.present, read_ids(in));
        LATCHKEY_TRY(out.local_rule, read_sized(in, 2));
        return out;
    }
    LATCHKEY_TRY(auto calls, read_calls(in, opening, sender));
    return Execute{std::move(calls), std::nullopt};
}

Result<Approval> read_approval(ByteReader& in, core::SignerKind kind, const Opening& opening) {
    if (kind == core::kSignerSecp256k1Eip712 || kind == core::kSignerSecp256k1Eip191) {
        LATCHKEY_TRY(const auto signature, read_recoverable(in));
        return Secp256k1Approval{signature};
    }
    if (!core::is_p256_family(kind)) {
        return fail(ErrorCode::kUnsupported, "only the long form knows such approvals");
    }
    LATCHKEY_TRY(const P256Approval signature, read_p256(in));
    if (kind == core::kSignerP256) {
        return signature;
    }
    PasskeyApproval out;
    out.signature = signature.signature;
    out.y = signature.y;
    LATCHKEY_TRY(out.flags, in.read_u8());
    LATCHKEY_TRY(out.counter, in.read_be<std::uint32_t>());
    if (opening.choices.host) {
        out.rest = core::webauthn::standard_rest(*opening.choices.host);
        return out;
    }
    LATCHKEY_TRY(const Bytes rest, read_sized(in, 2));
    out.rest = core::as_text(rest);
    if (!out.rest.starts_with('"')) {
        return fail(ErrorCode::kNonCanonical, "the challenge would go on");
    }
    return out;
}

Result<void> read_approvals(ByteReader& in, const Opening& opening, ApprovedAction& out) {
    out.approvals.approvers = opening.approvers;
    if (opening.has(kTree)) {
        LATCHKEY_TRY(out.approvals.tree, read_tree(in));
    }
    LATCHKEY_TRY(const auto signers, signers_of(out.authority));
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if ((opening.approvers >> i & 1U) != 0) {
            LATCHKEY_TRY(Approval approval, read_approval(in, signers[i].kind, opening));
            out.approvals.evidence.push_back(std::move(approval));
        }
    }
    return {};
}

/// The rule and who approves are what the short form knows. `limits`: how many it may have.
bool fits(const Authority& authority, const Approvals& approvals, std::size_t limits,
          bool may_have_conditions) {
    const bool has_contract =
        std::any_of(approvals.evidence.begin(), approvals.evidence.end(),
                    [](const auto& one) { return std::holds_alternative<ContractApproval>(one); });
    const auto shape = shape_of(authority.source);
    const auto* local = std::get_if<LocalSource>(&authority.source);
    if (authority.recovery_part || has_contract || !shape ||
        authority.rule >= shape->rules.size() || (local != nullptr && local->place > kPlaceMax)) {
        return false;
    }
    const RuleShape& rule = shape->rules[authority.rule];
    return !rule.waits && rule.limits <= limits && (may_have_conditions || !rule.has_conditions);
}

Content content_of(const Body& body) {
    return std::holds_alternative<Grant>(body) ? Content::kGrant : Content::kCalls;
}

/// As an execute without its calls.
ApprovedAction without_calls(const UserOperationSignature& signature) {
    ApprovedAction out;
    out.authority = signature.authority;
    out.terms.deadline = signature.deadline;
    out.approvals = signature.approvals;
    return out;
}

Result<Bytes> encode(const ApprovedAction& action, Content content,
                     const std::optional<Address>& sender) {
    if (action.terms.deadline == kNoDeadline) {
        return fail(ErrorCode::kInvalidArgument, "no deadline is written as none");
    }
    LATCHKEY_TRY(const auto signers, signers_of(action.authority));
    return encode(action, content, choose(action, signers, sender));
}

/// The action, but for what stands between proof and evidence; and what the encoder chose.
Result<Opening> read_beginning(ByteReader& in, ApprovedAction& out) {
    LATCHKEY_TRY(Opening opening, read_opening(in));
    LATCHKEY_TRY(out.authority.source, read_source(in, opening));
    out.authority.rule = out.authority.is_local() ? 0 : opening.rule;
    out.terms.has_executor = opening.has(kExecutor);
    if (opening.deadline != kNoDeadline) {
        out.terms.deadline = opening.deadline;
    }
    return opening;
}

Result<void> check_same(const ApprovedAction& action, Content content, const Choices& choices,
                        ByteView bytes) {
    LATCHKEY_TRY(const Bytes again, encode(action, content, choices));
    if (!core::equal(again, bytes)) {
        return fail(ErrorCode::kNonCanonical, "it would be written in another way");
    }
    return {};
}

}  // namespace

bool fits_short_form(const ApprovedAction& action) {
    const bool is_local = action.authority.is_local();
    if (action.terms.lane) {
        return false;
    }
    if (std::holds_alternative<Grant>(action.body)) {
        return !is_local && !std::holds_alternative<RecoverySource>(action.authority.source) &&
               fits(action.authority, action.approvals, 0, false);
    }
    const auto* execute = std::get_if<Execute>(&action.body);
    return execute != nullptr && !execute->gas && !execute->calls.empty() &&
           execute->calls.size() <= kCallsMax &&
           fits(action.authority, action.approvals, is_local ? 1 : 0, true);
}

bool fits_short_form(const UserOperationSignature& signature) {
    return !signature.authority.is_local() &&
           fits(signature.authority, signature.approvals, 0, false);
}

Result<Bytes> encode_short_form(const ApprovedAction& action,
                                const std::optional<Address>& sender) {
    if (!fits_short_form(action)) {
        return fail(ErrorCode::kUnsupported, "only the long form will do");
    }
    return encode(action, content_of(action.body), sender);
}

Result<ApprovedAction> decode_short_form(ByteView calldata, const Address& sender) {
    ByteReader in(calldata);
    ApprovedAction out;
    LATCHKEY_TRY(Opening opening, read_beginning(in, out));
    LATCHKEY_TRY(out.body, read_content(in, opening, sender));
    LATCHKEY_CHECK(read_approvals(in, opening, out));
    LATCHKEY_CHECK(in.expect_end());
    if (!fits_short_form(out)) {
        return fail(ErrorCode::kNonCanonical, "the short form cannot say this");
    }
    LATCHKEY_CHECK(check_same(out, content_of(out.body), opening.choices, calldata));
    return out;
}

Result<Bytes> encode_short_signature(const UserOperationSignature& signature) {
    if (!fits_short_form(signature)) {
        return fail(ErrorCode::kUnsupported, "only the long form will do");
    }
    return encode(without_calls(signature), Content::kOperation, std::nullopt);
}

Result<UserOperationSignature> decode_short_signature(ByteView bytes) {
    ByteReader in(bytes);
    ApprovedAction action;
    LATCHKEY_TRY(const Opening opening, read_beginning(in, action));
    LATCHKEY_CHECK(read_approvals(in, opening, action));
    LATCHKEY_CHECK(in.expect_end());
    UserOperationSignature out{action.authority, 0, action.terms.deadline, action.approvals};
    if (!fits_short_form(out)) {
        return fail(ErrorCode::kNonCanonical, "the short form cannot say this");
    }
    LATCHKEY_CHECK(check_same(without_calls(out), Content::kOperation, opening.choices, bytes));
    return out;
}

Result<Bytes> encode_calldata(const Action& action, const std::optional<Address>& sender) {
    const auto* approved = std::get_if<ApprovedAction>(&action);
    return approved != nullptr && fits_short_form(*approved) ? encode_short_form(*approved, sender)
                                                             : encode_long_form(action);
}

Result<Action> decode_calldata(ByteView calldata, const Address& sender) {
    if (calldata.empty() || !is_short_head(calldata[0])) {
        return decode_long_form(calldata);
    }
    LATCHKEY_TRY(ApprovedAction action, decode_short_form(calldata, sender));
    return action;
}

}  // namespace latchkey::evm::wallet
