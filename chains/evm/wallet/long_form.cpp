// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/long_form.hpp"

#include "chains/evm/wallet/messages.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

constexpr std::uint8_t kHeadRun = 0x60;
constexpr std::uint8_t kHeadAdopt = 0x61;
constexpr std::uint8_t kHead = 0x70;
constexpr std::uint8_t kHeadMessage = 0x75;
constexpr std::uint8_t kHeadApply = 0x7c;

constexpr std::uint8_t kTree = 0x01;
constexpr std::uint8_t kExecutor = 0x02;
constexpr std::uint8_t kDeadline = 0x04;
constexpr std::uint8_t kKey = 0x08;
constexpr std::uint8_t kGas = 0x10;

constexpr std::size_t kDeadlineSize = 5;
constexpr std::size_t kSuffixSize = 66;

enum ClientDataForm : std::uint8_t { kTail = 0, kHost = 1, kAsBefore = 2 };

Result<void> write_local(ByteWriter& out, const LocalSource& source) {
    out.write(source.rule_id).write(source.wallet_id).write(source.config_id);
    out.write_u32_be(source.version).write_u8(source.place);
    LATCHKEY_CHECK(write_ids(out, source.others));
    return write_sized(out, source.local_rule, 2);
}

Result<LocalSource> read_local(ByteReader& in) {
    LocalSource out;
    LATCHKEY_TRY(out.rule_id, in.read_as<core::RuleId>());
    LATCHKEY_TRY(out.wallet_id, in.read_as<core::WalletId>());
    LATCHKEY_TRY(out.config_id, in.read_as<core::ConfigId>());
    LATCHKEY_TRY(out.version, in.read_be<std::uint32_t>());
    LATCHKEY_TRY(out.place, in.read_u8());
    LATCHKEY_TRY(out.others, read_ids(in));
    LATCHKEY_TRY(out.local_rule, read_sized(in, 2));
    return out;
}

/// rule(u8) source [recovery]
Result<void> write_authority(ByteWriter& out, const Authority& authority) {
    if (authority.rule >= kLocalRule) {
        return fail(ErrorCode::kOutOfRange, "the index of a rule");
    }
    out.write_u8(rule_name(authority));
    if (const auto* local = std::get_if<LocalSource>(&authority.source)) {
        if (authority.rule != 0 || authority.recovery_part) {
            return fail(ErrorCode::kInvalidArgument, "a local rule is one by itself");
        }
        return write_local(out, *local);
    }
    out.write_u8(static_cast<std::uint8_t>(authority.source.index()));
    LATCHKEY_CHECK(write_sized(out, part_of(authority.source), 2));
    if (const auto* policy = std::get_if<PolicySource>(&authority.source)) {
        out.write(policy->wallet_id).write(policy->parent);
    } else if (const auto* recovery = std::get_if<RecoverySource>(&authority.source)) {
        out.write(recovery->wallet_id).write(recovery->commitment);
        out.write_u8(recovery->rule | core::kRecoveryRule).write_u32_be(recovery->epoch);
    }
    return authority.recovery_part ? write_sized(out, *authority.recovery_part, 2) : Result<void>();
}

Result<Source> read_shared(ByteReader& in) {
    LATCHKEY_TRY(const std::uint8_t kind, in.read_u8());
    LATCHKEY_TRY(Bytes bytes, read_sized(in, 2));
    if (kind == 0) {
        return GenesisSource{std::move(bytes)};
    }
    LATCHKEY_TRY(const auto wallet_id, in.read_as<core::WalletId>());
    LATCHKEY_TRY(const auto parent, in.read_as<Hash32>());
    if (kind == 1) {
        return PolicySource{std::move(bytes), wallet_id, core::ConfigId(parent.array())};
    }
    if (kind != 2) {
        return fail(ErrorCode::kUnsupported, "no such source of a configuration");
    }
    LATCHKEY_TRY(const std::uint8_t rule, in.read_u8());
    LATCHKEY_TRY(const auto epoch, in.read_be<std::uint32_t>());
    if ((rule & core::kRecoveryRule) == 0) {
        return fail(ErrorCode::kOutOfRange, "a rule of the recovery part recovers");
    }
    return RecoverySource{std::move(bytes), wallet_id, parent,
                          static_cast<std::uint8_t>(rule & ~core::kRecoveryRule), epoch};
}

Result<Authority> read_authority(ByteReader& in) {
    Authority out;
    LATCHKEY_TRY(const std::uint8_t rule, in.read_u8());
    if (rule == kLocalRule) {
        LATCHKEY_TRY(out.source, read_local(in));
        return out;
    }
    out.rule = static_cast<std::uint8_t>(rule & ~core::kRecoveryRule);
    LATCHKEY_TRY(out.source, read_shared(in));
    if ((rule & core::kRecoveryRule) != 0) {
        LATCHKEY_TRY(out.recovery_part, read_sized(in, 2));
    }
    return out;
}

Result<void> write_passkey(ByteWriter& out, const PasskeyApproval& approval,
                           const std::string*& before) {
    write_p256(out, approval.signature, approval.y);
    out.write_u8(approval.flags).write_u32_be(approval.counter);
    if (before != nullptr && *before == approval.rest) {
        out.write_u8(kAsBefore);
        return {};
    }
    before = &approval.rest;
    const auto host = core::webauthn::host_of_standard_rest(approval.rest);
    if (host && host->size() <= 0xff) {
        out.write_u8(kHost);
        return write_sized(out, core::as_bytes(*host), 1);
    }
    out.write_u8(kTail);
    return write_sized(out, core::as_bytes(approval.rest), 2);
}

Result<PasskeyApproval> read_passkey(ByteReader& in, const std::string& before) {
    LATCHKEY_TRY(const P256Approval signature, read_p256(in));
    PasskeyApproval out;
    out.signature = signature.signature;
    out.y = signature.y;
    LATCHKEY_TRY(out.flags, in.read_u8());
    LATCHKEY_TRY(out.counter, in.read_be<std::uint32_t>());
    LATCHKEY_TRY(const std::uint8_t form, in.read_u8());
    if (form == kAsBefore) {
        out.rest = before;
    } else if (form == kHost) {
        LATCHKEY_TRY(const Bytes host, read_sized(in, 1));
        out.rest = core::webauthn::standard_rest(core::as_text(host));
    } else if (form == kTail) {
        LATCHKEY_TRY(const Bytes rest, read_sized(in, 2));
        out.rest = core::as_text(rest);
    } else {
        return fail(ErrorCode::kUnsupported, "no such form of clientDataJSON");
    }
    if (!out.rest.starts_with('"')) {
        return fail(ErrorCode::kNonCanonical, "the challenge would go on");
    }
    return out;
}

/// [tree] evidence{}
Result<void> write_approvals(ByteWriter& out, const Approvals& approvals) {
    if (approvals.tree) {
        LATCHKEY_CHECK(write_tree(out, *approvals.tree));
    }
    const std::string* before = nullptr;
    for (const Approval& approval : approvals.evidence) {
        if (const auto* secp256k1 = std::get_if<Secp256k1Approval>(&approval)) {
            LATCHKEY_CHECK(write_recoverable(out, secp256k1->signature));
        } else if (const auto* p256 = std::get_if<P256Approval>(&approval)) {
            write_p256(out, p256->signature, p256->y);
        } else if (const auto* passkey = std::get_if<PasskeyApproval>(&approval)) {
            LATCHKEY_CHECK(write_passkey(out, *passkey, before));
        } else {
            LATCHKEY_CHECK(write_sized(out, std::get<ContractApproval>(approval).bytes, 2));
        }
    }
    return {};
}

Result<Approval> read_evidence(ByteReader& in, core::SignerKind kind, std::string& before) {
    switch (kind) {
        case core::kSignerSecp256k1Eip712:
        case core::kSignerSecp256k1Eip191: {
            LATCHKEY_TRY(const auto signature, read_recoverable(in));
            return Secp256k1Approval{signature};
        }
        case core::kSignerP256:
            return read_p256(in);
        case core::kSignerWebauthn: {
            LATCHKEY_TRY(auto approval, read_passkey(in, before));
            before = approval.rest;
            return approval;
        }
        case core::kSignerContract: {
            LATCHKEY_TRY(Bytes bytes, read_sized(in, 2));
            return ContractApproval{std::move(bytes)};
        }
        default:
            return fail(ErrorCode::kUnsupported, "signers of this kind approve nothing here");
    }
}

Result<void> read_approvals(ByteReader& in, const Authority& authority, bool has_tree,
                            Approvals& out) {
    if (has_tree) {
        LATCHKEY_TRY(out.tree, read_tree(in));
    }
    LATCHKEY_TRY(const auto signers, signers_of(authority));
    std::string before;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if ((out.approvers >> i & 1U) != 0) {
            LATCHKEY_TRY(Approval approval, read_evidence(in, signers[i].kind, before));
            out.evidence.push_back(std::move(approval));
        }
    }
    return {};
}

Result<void> write_body(ByteWriter& out, const Body& body) {
    if (const auto* execute = std::get_if<Execute>(&body)) {
        return write_calls(out, execute->calls);
    }
    if (const auto* grant = std::get_if<Grant>(&body)) {
        LATCHKEY_CHECK(write_ids(out, grant->present));
        return write_sized(out, grant->local_rule, 2);
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        out.write(revoke->rule_id).write_u8(revoke->place);
        LATCHKEY_CHECK(write_ids(out, revoke->others));
        out.write(revoke->local_rule_id);
        return {};
    }
    if (const auto* policy = std::get_if<Policy>(&body)) {
        out.write_u32_be(policy->epoch);
        return write_sized(out, policy->shared, 2);
    }
    if (const auto* recover = std::get_if<Recover>(&body)) {
        out.write_u32_be(recover->epoch);
        return write_sized(out, recover->signers, 2);
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        out.write_u32_be(cancel->epoch).write_u8(cancel->target);
    } else if (const auto* freeze = std::get_if<Freeze>(&body)) {
        out.write_u32_be(freeze->epoch).write_u8(freeze->lift);
    } else {
        const auto& upgrade = std::get<Upgrade>(body);
        out.write(upgrade.implementation).write(upgrade.code_hash);
    }
    return {};
}

Result<Body> read_grant(ByteReader& in) {
    LATCHKEY_TRY(auto present, read_ids(in));
    LATCHKEY_TRY(Body body, read_waiting_body(in, 2));
    std::get<Grant>(body).present = std::move(present);
    return body;
}

Result<Body> read_revoke(ByteReader& in) {
    Revoke out;
    LATCHKEY_TRY(out.rule_id, in.read_as<core::RuleId>());
    LATCHKEY_TRY(out.place, in.read_u8());
    LATCHKEY_TRY(out.others, read_ids(in));
    LATCHKEY_TRY(out.local_rule_id, in.read_as<core::LocalRuleId>());
    return out;
}

/// Cancel and freeze.
Result<Body> read_end(ByteReader& in, std::uint8_t number) {
    LATCHKEY_TRY(const auto epoch, in.read_be<std::uint32_t>());
    LATCHKEY_TRY(const std::uint8_t content, in.read_u8());
    return number == 11 ? Body(Cancel{epoch, content}) : Body(Freeze{epoch, content});
}

Result<Body> read_body(ByteReader& in, std::uint8_t number) {
    switch (number) {
        case 2:
            return read_grant(in);
        case 3:
            return read_revoke(in);
        case 11:
        case 13:
            return read_end(in, number);
        default:
            return read_waiting_body(in, number);
    }
}

/// What stands in the flags of an action with this number.
std::uint8_t flags_allowed(std::uint8_t number) {
    const bool has_nonce = number <= 3 || number == 15;
    return static_cast<std::uint8_t>(kTree | (has_nonce ? kExecutor | kDeadline | kKey : 0) |
                                     (number == 1 ? kGas : 0));
}

std::uint8_t flags_of(const ApprovedAction& action, const std::optional<std::uint32_t>& gas) {
    return static_cast<std::uint8_t>((action.approvals.tree ? kTree : 0) |
                                     (action.terms.has_executor ? kExecutor : 0) |
                                     (action.terms.deadline ? kDeadline : 0) |
                                     (action.terms.lane ? kKey : 0) | (gas ? kGas : 0));
}

Result<void> check_signers(const Authority& authority, const Approvals& approvals) {
    LATCHKEY_TRY(const auto signers, signers_of(authority));
    return check_approvals(signers, approvals);
}

/// All but body and approvals.
Result<void> write_head(ByteWriter& out, const ApprovedAction& action) {
    const auto* execute = std::get_if<Execute>(&action.body);
    const auto gas = execute == nullptr ? std::nullopt : execute->gas;
    const std::uint8_t number = action_number(action.body);
    const std::uint8_t flags = flags_of(action, gas);
    const Terms& terms = action.terms;
    if ((flags & ~flags_allowed(number)) != 0 || (terms.lane && *terms.lane == 0) ||
        (terms.lane && action.authority.is_local()) || terms.deadline == kNoDeadline) {
        return fail(ErrorCode::kInvalidArgument, "terms that this action cannot have");
    }
    LATCHKEY_CHECK(check_signers(action.authority, action.approvals));
    out.write_u8(kHead | number).write_u8(flags);
    LATCHKEY_CHECK(write_authority(out, action.authority));
    out.write_u16_be(action.approvals.approvers);
    if (terms.deadline) {
        LATCHKEY_CHECK(write_uint(out, *terms.deadline, kDeadlineSize));
    }
    if (gas) {
        out.write_u32_be(*gas);
    }
    if (terms.lane) {
        out.write_u64_be(*terms.lane);
    }
    return {};
}

Result<Bytes> encode(const ApprovedAction& action) {
    ByteWriter out(1024);
    LATCHKEY_CHECK(write_head(out, action));
    LATCHKEY_CHECK(write_body(out, action.body));
    LATCHKEY_CHECK(write_approvals(out, action.approvals));
    return out.take();
}

Result<Bytes> encode(const ApplyAction& action) {
    ByteWriter out(1024);
    out.write_u8(kHeadApply).write_u8(0);
    LATCHKEY_CHECK(write_authority(out, action.authority));
    out.write_u8(action_number(action.body));
    LATCHKEY_CHECK(write_body(out, action.body));
    return out.take();
}

Result<Bytes> encode(const AdoptAction& action) {
    ByteWriter out(action.genesis.size() + 67);
    out.write_u8(kHeadAdopt);
    LATCHKEY_CHECK(write_sized(out, action.genesis, 2));
    LATCHKEY_CHECK(write_recoverable(out, action.signature));
    return out.take();
}

Result<Bytes> encode(const RunAction& action) {
    ByteWriter out;
    out.write_u8(kHeadRun);
    LATCHKEY_CHECK(write_calls(out, action.calls));
    return out.take();
}

/// `calls`: those of a form that has no body.
Result<ApprovedAction> read_approved(ByteReader& in, std::uint8_t number,
                                     std::vector<Call>* calls = nullptr) {
    ApprovedAction out;
    LATCHKEY_TRY(const std::uint8_t flags, in.read_u8());
    if ((flags & ~flags_allowed(number)) != 0) {
        return fail(ErrorCode::kUnsupported, "a flag that this action does not have");
    }
    LATCHKEY_TRY(out.authority, read_authority(in));
    LATCHKEY_TRY(out.approvals.approvers, in.read_be<std::uint16_t>());
    out.terms.has_executor = (flags & kExecutor) != 0;
    if ((flags & kDeadline) != 0) {
        LATCHKEY_TRY(out.terms.deadline, read_uint(in, kDeadlineSize));
    }
    std::optional<std::uint32_t> gas;
    if ((flags & kGas) != 0) {
        LATCHKEY_TRY(gas, in.read_be<std::uint32_t>());
    }
    if ((flags & kKey) != 0) {
        LATCHKEY_TRY(out.terms.lane, in.read_be<std::uint64_t>());
    }
    if (calls != nullptr) {
        out.body = Execute{std::move(*calls), std::nullopt};
    } else {
        LATCHKEY_TRY(out.body, read_body(in, number));
    }
    if (auto* execute = std::get_if<Execute>(&out.body)) {
        execute->gas = gas;
    }
    LATCHKEY_CHECK(read_approvals(in, out.authority, (flags & kTree) != 0, out.approvals));
    return out;
}

Result<Action> read_apply(ByteReader& in) {
    LATCHKEY_TRY(const std::uint8_t flags, in.read_u8());
    if (flags != 0) {
        return fail(ErrorCode::kUnsupported, "apply has no flags");
    }
    ApplyAction out;
    LATCHKEY_TRY(out.authority, read_authority(in));
    LATCHKEY_TRY(const std::uint8_t number, in.read_u8());
    LATCHKEY_TRY(out.body, read_body(in, number));
    return out;
}

Result<Action> read_adopt(ByteReader& in) {
    AdoptAction out;
    LATCHKEY_TRY(out.genesis, read_sized(in, 2));
    LATCHKEY_TRY(out.signature, read_recoverable(in));
    return out;
}

Result<Action> read_action(ByteReader& in) {
    LATCHKEY_TRY(const std::uint8_t head, in.read_u8());
    if (head == kHeadRun) {
        LATCHKEY_TRY(auto calls, read_calls(in));
        return RunAction{std::move(calls)};
    }
    if (head == kHeadAdopt) {
        return read_adopt(in);
    }
    if (head == kHeadApply) {
        return read_apply(in);
    }
    if ((head & 0xf0) != kHead || head == kHead) {
        return fail(ErrorCode::kUnsupported, "no action of the long form begins so");
    }
    LATCHKEY_TRY(ApprovedAction action, read_approved(in, head & 0x0f));
    return action;
}

template <typename T>
Result<T> only_if_same(T value, const Result<Bytes>& encoded, ByteView bytes) {
    if (!encoded || !core::equal(*encoded, bytes)) {
        return fail(ErrorCode::kNonCanonical, "it would be written in another way");
    }
    return value;
}

}  // namespace

Result<Bytes> encode_long_form(const Action& action) {
    return std::visit([](const auto& kind) { return encode(kind); }, action);
}

Result<Bytes> encode_signature(const UserOperationSignature& signature) {
    if (signature.deadline == kNoDeadline) {
        return fail(ErrorCode::kInvalidArgument, "no deadline is written as none");
    }
    LATCHKEY_CHECK(check_signers(signature.authority, signature.approvals));
    ByteWriter out(1024);
    out.write_u8(kHead);
    LATCHKEY_CHECK(write_uint(out, signature.time, kDeadlineSize));
    out.write_u8(static_cast<std::uint8_t>((signature.approvals.tree ? kTree : 0) |
                                           (signature.deadline ? kDeadline : 0)));
    LATCHKEY_CHECK(write_authority(out, signature.authority));
    out.write_u16_be(signature.approvals.approvers);
    if (signature.deadline) {
        LATCHKEY_CHECK(write_uint(out, *signature.deadline, kDeadlineSize));
    }
    LATCHKEY_CHECK(write_approvals(out, signature.approvals));
    return out.take();
}

Result<Bytes> encode_signature(const MessageSignature& signature) {
    LATCHKEY_CHECK(check_signers(signature.authority, signature.approvals));
    if (signature.form.index() != 0 && signature.approvals.tree) {
        return fail(ErrorCode::kInvalidArgument, "ERC-7739 knows no trees");
    }
    ByteWriter out(1024);
    out.write_u8(kHeadMessage).write_u8(signature.approvals.tree ? kTree : 0);
    LATCHKEY_CHECK(write_authority(out, signature.authority));
    out.write_u16_be(signature.approvals.approvers);
    out.write_u8(static_cast<std::uint8_t>(signature.form.index()));
    LATCHKEY_CHECK(write_approvals(out, signature.approvals));
    if (const auto* typed = std::get_if<TypedDataSign>(&signature.form)) {
        LATCHKEY_TRY(const Bytes suffix, typed_data_suffix(*typed));
        out.write(suffix);
    }
    return out.take();
}

Result<Action> decode_long_form(ByteView calldata) {
    ByteReader in(calldata);
    LATCHKEY_TRY(Action action, read_action(in));
    LATCHKEY_CHECK(in.expect_end());
    const Result<Bytes> encoded = encode_long_form(action);
    return only_if_same(std::move(action), encoded, calldata);
}

Result<UserOperationSignature> decode_user_operation_signature(ByteView bytes) {
    ByteReader in(bytes);
    UserOperationSignature out;
    LATCHKEY_TRY(const std::uint8_t head, in.read_u8());
    LATCHKEY_TRY(out.time, read_uint(in, kDeadlineSize));
    LATCHKEY_TRY(const std::uint8_t flags, in.read_u8());
    if (head != kHead || (flags & ~(kTree | kDeadline)) != 0) {
        return fail(ErrorCode::kUnsupported, "no signature of a user operation");
    }
    LATCHKEY_TRY(out.authority, read_authority(in));
    LATCHKEY_TRY(out.approvals.approvers, in.read_be<std::uint16_t>());
    if ((flags & kDeadline) != 0) {
        LATCHKEY_TRY(out.deadline, read_uint(in, kDeadlineSize));
    }
    LATCHKEY_CHECK(read_approvals(in, out.authority, (flags & kTree) != 0, out.approvals));
    LATCHKEY_CHECK(in.expect_end());
    const Result<Bytes> encoded = encode_signature(out);
    return only_if_same(std::move(out), encoded, bytes);
}

Result<MessageSignature> decode_message_signature(ByteView bytes) {
    ByteReader in(bytes);
    MessageSignature out;
    LATCHKEY_TRY(const std::uint8_t head, in.read_u8());
    LATCHKEY_TRY(const std::uint8_t flags, in.read_u8());
    if (head != kHeadMessage || (flags & ~kTree) != 0) {
        return fail(ErrorCode::kUnsupported, "no signature of a message");
    }
    LATCHKEY_TRY(out.authority, read_authority(in));
    LATCHKEY_TRY(out.approvals.approvers, in.read_be<std::uint16_t>());
    LATCHKEY_TRY(const std::uint8_t form, in.read_u8());
    LATCHKEY_CHECK(read_approvals(in, out.authority, (flags & kTree) != 0, out.approvals));
    if (form == 1) {
        out.form = PersonalSign();
    } else if (form == 2) {
        if (in.remaining() < kSuffixSize) {
            return fail(ErrorCode::kUnexpectedEnd, "the suffix of ERC-7739");
        }
        TypedDataSign typed;
        LATCHKEY_TRY(typed.domain, in.read_as<Hash32>());
        LATCHKEY_TRY(typed.contents, in.read_as<Hash32>());
        LATCHKEY_TRY(const ByteView description, in.read(in.remaining() - 2));
        typed.description = core::as_text(description);
        LATCHKEY_CHECK(in.read(2));
        out.form = std::move(typed);
    } else if (form != 0) {
        return fail(ErrorCode::kUnsupported, "no such form of a message");
    }
    LATCHKEY_CHECK(in.expect_end());
    const Result<Bytes> encoded = encode_signature(out);
    return only_if_same(std::move(out), encoded, bytes);
}

Result<Bytes> encode_without_body(const ApprovedAction& action) {
    if (!std::holds_alternative<Execute>(action.body)) {
        return fail(ErrorCode::kInvalidArgument, "only calls travel apart from their approval");
    }
    ByteWriter out(1024);
    LATCHKEY_CHECK(write_head(out, action));
    LATCHKEY_CHECK(write_approvals(out, action.approvals));
    return out.take();
}

Result<ApprovedAction> decode_without_body(ByteView bytes, std::vector<Call> calls) {
    ByteReader in(bytes);
    LATCHKEY_TRY(const std::uint8_t head, in.read_u8());
    if (head != (kHead | 1)) {
        return fail(ErrorCode::kUnsupported, "no approval of calls begins so");
    }
    LATCHKEY_TRY(ApprovedAction action, read_approved(in, 1, &calls));
    LATCHKEY_CHECK(in.expect_end());
    const Result<Bytes> encoded = encode_without_body(action);
    return only_if_same(std::move(action), encoded, bytes);
}

}  // namespace latchkey::evm::wallet
