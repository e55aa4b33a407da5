// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/instruction.hpp"

#include <algorithm>

#include "chains/solana/layout/state_layout.hpp"
#include "core/authorization/configuration.hpp"
#include "core/authorization/lane.hpp"
#include "core/authorization/leaf.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;
using core::Hash32;

namespace {

constexpr std::size_t kApprovalsMax = core::kMaximumSigners;
constexpr std::size_t kShortLengthMax = 0x7f;
constexpr std::size_t kCallDataMax = 0x7fff;
constexpr std::size_t kRecoveryPartMax = 0xffff;
/// By their places in the variant.
constexpr ActionNumber kBodyActions[] = {kExecute, kGrant,  kRevoke,  kPolicy, kMessage,
                                         kCancel,  kFreeze, kRecover, kUpgrade};
static_assert(std::size(kBodyActions) == std::variant_size_v<Body>);

static_assert(std::is_same_v<std::variant_alternative_t<kFormNone, Evidence>, SlotEvidence>);
static_assert(std::is_same_v<std::variant_alternative_t<kFormAccount, Evidence>, AccountEvidence>);
static_assert(std::is_same_v<std::variant_alternative_t<kFormHost, Evidence>, HostEvidence>);
static_assert(std::is_same_v<std::variant_alternative_t<kFormRest, Evidence>, ClientDataEvidence>);
static_assert(
    std::is_same_v<std::variant_alternative_t<kFormSameRest, Evidence>, SameClientDataEvidence>);
static_assert(std::is_same_v<std::variant_alternative_t<kFormRecover, Evidence>, RecoverEvidence>);
static_assert(
    std::is_same_v<std::variant_alternative_t<kNonceTransaction, Nonce>, TransactionNonce>);
static_assert(std::is_same_v<std::variant_alternative_t<kNonceLane, Nonce>, LaneNonce>);
static_assert(std::is_same_v<std::variant_alternative_t<kNonceState, Nonce>, StateNonce>);

template <typename Integer>
std::uint8_t u8(Integer value) {
    return static_cast<std::uint8_t>(value);
}

tl::unexpected<core::Error> out_of_range(std::string what, std::uint64_t value,
                                         std::uint64_t maximum) {
    return fail(ErrorCode::kOutOfRange, std::move(what) + " is " + std::to_string(value) +
                                            ", at most " + std::to_string(maximum));
}

Result<void> check_max(const char* what, std::uint64_t value, std::uint64_t maximum) {
    if (value > maximum) {
        return out_of_range(what, value, maximum);
    }
    return {};
}

std::vector<std::uint8_t> approving_signers(const std::vector<Approval>& approvals) {
    std::vector<std::uint8_t> out;
    for (const Approval& approval : approvals) {
        out.push_back(approval.signer);
    }
    return out;
}

// What the format does not allow, checked in both directions.

Result<void> check_approvals(const std::vector<Approval>& approvals) {
    if (approvals.empty() || approvals.size() > kApprovalsMax) {
        return fail(ErrorCode::kOutOfRange, "an action has 1 to 16 approvals");
    }
    int before = -1;
    bool has_rest = false;
    for (const Approval& approval : approvals) {
        LATCHKEY_CHECK(check_max("a signer's index", approval.signer, kApprovalSignerMask));
        if (approval.signer <= before) {
            return fail(ErrorCode::kInvalidOrder,
                        "approvals stand in strictly ascending order of their signers");
        }
        before = approval.signer;
        if (const auto* host = std::get_if<HostEvidence>(&approval.evidence)) {
            LATCHKEY_CHECK(check_max("the host's length", host->host.size(), 0xff));
            has_rest = true;
        } else if (const auto* data = std::get_if<ClientDataEvidence>(&approval.evidence)) {
            LATCHKEY_CHECK(check_max("clientDataJSON's length", data->rest.size(), 0xffff));
            if (!data->rest.starts_with('"')) {
                return fail(ErrorCode::kInvalidArgument,
                            "the rest of clientDataJSON begins with the challenge's closing quote");
            }
            has_rest = true;
        } else if (std::holds_alternative<SameClientDataEvidence>(approval.evidence) && !has_rest) {
            return fail(ErrorCode::kInvalidArgument,
                        "no approval before this one has a clientDataJSON to repeat");
        } else if (const auto* account = std::get_if<AccountEvidence>(&approval.evidence)) {
            LATCHKEY_CHECK(
                check_max("an account index", account->account_index, kMaximumAccounts - 1));
        }
    }
    return {};
}

Result<void> check_tree(const TreeProof& tree) {
    if (tree.siblings.empty() || tree.siblings.size() > core::kMaximumTreeHeight ||
        tree.siblings.size() != tree.height) {
        return fail(ErrorCode::kOutOfRange,
                    "an approval tree has a height of 1 to 8 and a sibling for each level");
    }
    return check_max("the leaf's index", tree.leaf_index, (1ULL << tree.siblings.size()) - 1);
}

Result<void> check_nonce(const Nonce& nonce) {
    if (const auto* lane = std::get_if<LaneNonce>(&nonce)) {
        LATCHKEY_CHECK(check_max("a lane's bit", lane->bit, core::kLaneBits - 1));
        return check_max("a window's sixteenth", lane->sixteenth, 15);
    }
    if (const auto* state = std::get_if<StateNonce>(&nonce)) {
        return check_max("a state nonce's key", state->key, kStateNonceKeys - 1);
    }
    return {};
}

Result<void> check_call(const CompactCall& call) {
    LATCHKEY_CHECK(check_max("a program's index", call.program_index, kMaximumAccounts - 1));
    LATCHKEY_CHECK(check_max("the number of a call's accounts", call.metas.size(), 0xff));
    for (const CallMeta& meta : call.metas) {
        LATCHKEY_CHECK(
            check_max("a call's account index", meta.account_index, kMaximumAccounts - 1));
    }
    return check_max("the length of a call's data", call.data.size(), kCallDataMax);
}

Result<void> check_execute(const ExecuteBody& body) {
    LATCHKEY_CHECK(check_max("the number of calls", body.calls.size(), kMaximumCalls));
    for (const CompactCall& call : body.calls) {
        LATCHKEY_CHECK(check_call(call));
    }
    if (!body.caps) {
        return {};
    }
    if (body.caps->caps.empty() && !body.caps->no_new_authority) {
        return fail(ErrorCode::kInvalidArgument, "caps that demand nothing are left out");
    }
    LATCHKEY_CHECK(check_max("the number of caps", body.caps->caps.size(), kMaximumCaps));
    for (const Cap& cap : body.caps->caps) {
        LATCHKEY_CHECK(check_max("a cap's account index", cap.account_index, kMaximumAccounts - 1));
    }
    return {};
}

Result<void> check_body(const Body& body) {
    if (const auto* execute = std::get_if<ExecuteBody>(&body)) {
        return check_execute(*execute);
    }
    if (const auto* upgrade = std::get_if<UpgradeBody>(&body)) {
        return check_call(upgrade->call);
    }
    return {};
}

/// The chain-agnostic actions: they have an epoch.
bool is_change(ActionNumber action) {
    return action == kPolicy || action == kCancel || action == kFreeze || action == kRecover;
}

Result<void> check_rule(const RuleReference& rule, const Body& body) {
    LATCHKEY_CHECK(check_max("a rule's index", rule.index, 15));
    if (!rule.recovery_part) {
        return {};
    }
    const ActionNumber action = action_number(body);
    if (rule.is_local || !is_change(action) || action == kPolicy) {
        return fail(ErrorCode::kInvalidArgument,
                    "a rule of the recovery part may recover, cancel and freeze");
    }
    return check_max("the recovery part's length", rule.recovery_part->size(), kRecoveryPartMax);
}

Result<void> check_signed(const SignedPart& part) {
    LATCHKEY_CHECK(check_rule(part.rule, part.body));
    LATCHKEY_CHECK(check_nonce(part.nonce));
    if (part.deadline && std::holds_alternative<LaneNonce>(part.nonce)) {
        return fail(ErrorCode::kInvalidArgument, "a lane's nonce has its own deadline");
    }
    const bool is_transaction = std::holds_alternative<TransactionNonce>(part.nonce);
    if (is_change(action_number(part.body)) &&
        (part.rule.is_local || part.deadline || !is_transaction)) {
        return fail(ErrorCode::kInvalidArgument,
                    "policy, cancel, freeze and recover have a rule of the configuration, an epoch "
                    "as nonce and no deadline");
    }
    if (std::holds_alternative<MessageBody>(part.body) && !is_transaction) {
        return fail(ErrorCode::kInvalidArgument, "a message uses up no nonce");
    }
    return check_body(part.body);
}

bool can_wait(ActionNumber action) {
    return action == kExecute || action == kGrant || action == kPolicy || action == kRecover ||
           action == kUpgrade;
}

Result<void> check_apply(const ApplyAction& apply) {
    const ActionNumber action = action_number(apply.body);
    LATCHKEY_CHECK(check_rule(apply.rule, apply.body));
    if (apply.rule.is_local || !can_wait(action)) {
        return fail(ErrorCode::kInvalidArgument,
                    "execute, grant, policy, recover and upgrade wait, under no local rule");
    }
    if (apply.nonce_kind > kNonceState ||
        (is_change(action) && apply.nonce_kind != kNonceTransaction)) {
        return fail(ErrorCode::kInvalidArgument, "no such action waits with a nonce of this kind");
    }
    return check_body(apply.body);
}

Result<void> check_genesis(const ApprovedAction& action) {
    const ActionNumber number = action_number(action.signed_part.body);
    if (number != kExecute && number != kMessage) {
        return fail(ErrorCode::kInvalidArgument, "only execute and message need no state");
    }
    if (action.signed_part.rule.is_local) {
        return fail(ErrorCode::kInvalidArgument, "local rules live in the state, not the genesis");
    }
    return {};
}

Result<void> check_action(const ApprovedAction& action) {
    LATCHKEY_CHECK(check_approvals(action.approvals));
    if (action.tree) {
        LATCHKEY_CHECK(check_tree(*action.tree));
    }
    LATCHKEY_CHECK(check_signed(action.signed_part));
    if (action.genesis) {
        LATCHKEY_CHECK(check_genesis(action));
    }
    const auto* nonce = std::get_if<TransactionNonce>(&action.signed_part.nonce);
    if (nonce != nullptr && nonce->binding.has_value() == action.genesis.has_value()) {
        return fail(ErrorCode::kInvalidArgument,
                    "an action names its configuration by the genesis or by a binding");
    }
    return {};
}

// Writing.

struct EvidenceWriter {
    ByteWriter& writer;

    void operator()(const SlotEvidence&) const {}
    void operator()(const AccountEvidence& evidence) const {
        writer.write_u8(evidence.account_index);
    }
    void operator()(const HostEvidence& evidence) const {
        writer.write_u8(u8(evidence.host.size())).write(core::as_bytes(evidence.host));
    }
    void operator()(const ClientDataEvidence& evidence) const {
        writer.write_u16_le(static_cast<std::uint16_t>(evidence.rest.size()))
            .write(core::as_bytes(evidence.rest));
    }
    void operator()(const SameClientDataEvidence&) const {}
    void operator()(const RecoverEvidence& evidence) const { writer.write(evidence.signature); }
};

void write_approvals(ByteWriter& writer, const std::vector<Approval>& approvals) {
    for (const Approval& approval : approvals) {
        const bool is_last = &approval == &approvals.back();
        writer.write_u8(u8(approval.signer | (is_last ? kApprovalLast : 0) |
                           approval.evidence.index() << kApprovalFormShift));
        std::visit(EvidenceWriter{writer}, approval.evidence);
    }
}

struct NonceWriter {
    ByteWriter& writer;

    void operator()(const TransactionNonce& nonce) const {
        if (nonce.binding) {
            writer.write(*nonce.binding);
        }
    }
    void operator()(const LaneNonce& nonce) const {
        writer.write_u16_le(static_cast<std::uint16_t>(
            nonce.bit | (nonce.odd_window ? 1 << 11 : 0) | nonce.sixteenth << 12));
    }
    void operator()(const StateNonce& nonce) const {
        writer.write_u8(nonce.key).write_u64_le(nonce.sequence);
    }
};

void write_call(ByteWriter& writer, const CompactCall& call) {
    writer.write_u8(call.program_index).write_u8(u8(call.metas.size()));
    for (const CallMeta& meta : call.metas) {
        writer.write_u8(u8(meta.account_index | (meta.is_writable ? kMetaWritable : 0) |
                           (meta.is_signer ? kMetaSigner : 0)));
    }
    const std::size_t length = call.data.size();
    if (length <= kShortLengthMax) {
        writer.write_u8(u8(length));
    } else {
        writer.write_u8(u8(0x80 | length >> 8)).write_u8(u8(length));
    }
    writer.write(call.data);
}

struct BodyWriter {
    ByteWriter& writer;

    void operator()(const ExecuteBody& body) const {
        if (body.caps) {
            writer.write_u8(u8(body.caps->caps.size() |
                               (body.caps->no_new_authority ? kCapsNoNewAuthority : 0)));
            for (const Cap& cap : body.caps->caps) {
                writer.write_u8(cap.account_index)
                    .write_u64_le(cap.maximum_outflow)
                    .write_u64_le(cap.minimum_inflow);
            }
        }
        for (const CompactCall& call : body.calls) {
            write_call(writer, call);
        }
    }
    void operator()(const GrantBody& body) const { writer.write(body.local_rule); }
    void operator()(const RevokeBody& body) const { writer.write(body.local_rule_id.view()); }
    void operator()(const PolicyBody& body) const {
        writer.write_u32_le(body.epoch).write(body.shared);
    }
    void operator()(const MessageBody& body) const { writer.write(body.message_hash.view()); }
    void operator()(const CancelBody& body) const {
        writer.write_u32_le(body.epoch).write_u8(body.target);
    }
    void operator()(const FreezeBody& body) const {
        writer.write_u32_le(body.epoch).write_bool(body.lift);
    }
    void operator()(const RecoverBody& body) const {
        writer.write_u32_le(body.epoch).write(body.signers);
    }
    void operator()(const UpgradeBody& body) const {
        writer.write(body.code_hash);
        write_call(writer, body.call);
    }
};

void write_rule(ByteWriter& writer, const RuleReference& rule, const Body& body,
                bool has_deadline) {
    const auto* execute = std::get_if<ExecuteBody>(&body);
    const bool has_caps = execute != nullptr && execute->caps.has_value();
    writer.write_u8(u8(rule.index | (rule.is_local ? kRuleLocal : 0) |
                       (has_deadline ? kRuleDeadline : 0) | (has_caps ? kRuleCaps : 0) |
                       (rule.recovery_part ? kRuleRecovery : 0)));
    if (rule.recovery_part) {
        writer.write_u16_le(static_cast<std::uint16_t>(rule.recovery_part->size()));
        writer.write(*rule.recovery_part);
    }
}

void write_signed(ByteWriter& writer, const SignedPart& part) {
    write_rule(writer, part.rule, part.body, part.deadline.has_value());
    std::visit(NonceWriter{writer}, part.nonce);
    if (part.deadline) {
        writer.write_u64_le(*part.deadline);
    }
    std::visit(BodyWriter{writer}, part.body);
}

Result<Bytes> encode_action(const ApprovedAction& action) {
    LATCHKEY_CHECK(check_action(action));
    const SignedPart& part = action.signed_part;
    ByteWriter writer;
    writer.write_u8(u8(action_number(part.body) | (action.genesis ? kHeadGenesis : 0) |
                       part.nonce.index() << kHeadNonceShift | (action.tree ? kHeadTree : 0)));
    write_approvals(writer, action.approvals);
    if (action.tree) {
        writer.write_u8(u8(action.tree->siblings.size())).write_u8(action.tree->leaf_index);
        for (const Hash32& sibling : action.tree->siblings) {
            writer.write(sibling.view());
        }
    }
    if (action.genesis) {
        const Bytes genesis = action.genesis->encode();
        // Proves that the struct is what its own bytes say.
        ByteReader reader(genesis);
        const auto again = read_holed_genesis(reader, approving_signers(action.approvals));
        if (!again || *again != *action.genesis || reader.remaining() != 0) {
            return fail(ErrorCode::kInvalidArgument,
                        "the genesis leaves out exactly the keys of the approving signers");
        }
        writer.write(genesis);
    }
    write_signed(writer, part);
    return writer.take();
}

struct InstructionWriter {
    Result<Bytes> operator()(const ApprovedAction& action) const { return encode_action(action); }
    Result<Bytes> operator()(const CreateState& create) const {
        LATCHKEY_CHECK(make_holed_genesis(create.genesis, {}));
        return core::concat(Bytes{u8(kCreateState | kHeadGenesis)}, create.genesis);
    }
    Result<Bytes> operator()(const OpenLane& open) const {
        return Bytes{u8(kOpenLane), open.index, open.bump};
    }
    Result<Bytes> operator()(const CloseLane&) const { return Bytes{u8(kCloseLane)}; }
    Result<Bytes> operator()(const SetLaneOperator&) const { return Bytes{u8(kSetLaneOperator)}; }
    Result<Bytes> operator()(const ApplyAction& apply) const {
        LATCHKEY_CHECK(check_apply(apply));
        ByteWriter writer;
        writer.write_u8(u8(kApply | std::uint64_t{apply.nonce_kind} << kHeadNonceShift));
        writer.write_u8(u8(action_number(apply.body)));
        write_rule(writer, apply.rule, apply.body, /*has_deadline=*/false);
        std::visit(BodyWriter{writer}, apply.body);
        return writer.take();
    }
};

// Reading.

Result<Evidence> read_evidence(ByteReader& reader, std::size_t form) {
    switch (form) {
        case kFormNone:
            return SlotEvidence{};
        case kFormAccount: {
            LATCHKEY_TRY(const std::uint8_t index, reader.read_u8());
            return AccountEvidence{index};
        }
        case kFormHost: {
            LATCHKEY_TRY(const std::uint8_t length, reader.read_u8());
            LATCHKEY_TRY(const ByteView host, reader.read(length));
            return HostEvidence{std::string(core::as_text(host))};
        }
        case kFormRest: {
            LATCHKEY_TRY(const std::uint16_t length, reader.read_u16_le());
            LATCHKEY_TRY(const ByteView rest, reader.read(length));
            return ClientDataEvidence{std::string(core::as_text(rest))};
        }
        case kFormSameRest:
            return SameClientDataEvidence{};
        case kFormRecover: {
            RecoverEvidence evidence;
            LATCHKEY_TRY(const ByteView bytes, reader.read(evidence.signature.size()));
            std::copy(bytes.begin(), bytes.end(), evidence.signature.begin());
            return evidence;
        }
        default:
            return fail(ErrorCode::kUnsupported, "evidence of form " + std::to_string(form));
    }
}

Result<std::vector<Approval>> read_approvals(ByteReader& reader) {
    std::vector<Approval> out;
    for (;;) {
        LATCHKEY_TRY(const std::uint8_t head, reader.read_u8());
        Approval approval;
        approval.signer = u8(head & kApprovalSignerMask);
        LATCHKEY_TRY(approval.evidence, read_evidence(reader, head >> kApprovalFormShift));
        out.push_back(std::move(approval));
        if ((head & kApprovalLast) != 0) {
            return out;
        }
        if (out.size() == kApprovalsMax) {
            return fail(ErrorCode::kOutOfRange, "an action has 1 to 16 approvals");
        }
    }
}

Result<std::vector<Hash32>> read_hashes(ByteReader& reader, std::size_t count) {
    std::vector<Hash32> out;
    for (std::size_t i = 0; i < count; ++i) {
        LATCHKEY_TRY(const Hash32 hash, reader.read_as<Hash32>());
        out.push_back(hash);
    }
    return out;
}

Result<TreeProof> read_tree(ByteReader& reader) {
    TreeProof tree;
    LATCHKEY_TRY(tree.height, reader.read_u8());
    LATCHKEY_TRY(tree.leaf_index, reader.read_u8());
    LATCHKEY_CHECK(check_max("an approval tree's height", tree.height, core::kMaximumTreeHeight));
    LATCHKEY_TRY(tree.siblings, read_hashes(reader, tree.height));
    return tree;
}

Result<Nonce> read_nonce(ByteReader& reader, std::uint64_t kind, bool has_genesis) {
    switch (kind) {
        case kNonceTransaction: {
            TransactionNonce nonce;
            if (!has_genesis) {
                LATCHKEY_TRY(const ByteView bytes, reader.read(kBindingSize));
                std::copy(bytes.begin(), bytes.end(), nonce.binding.emplace().begin());
            }
            return nonce;
        }
        case kNonceLane: {
            LATCHKEY_TRY(const std::uint16_t bits, reader.read_u16_le());
            return LaneNonce{static_cast<std::uint16_t>(bits & (core::kLaneBits - 1)),
                             (bits >> 11 & 1) != 0, u8(bits >> 12)};
        }
        case kNonceState: {
            StateNonce nonce;
            LATCHKEY_TRY(nonce.key, reader.read_u8());
            LATCHKEY_TRY(nonce.sequence, reader.read_u64_le());
            return nonce;
        }
        default:
            return fail(ErrorCode::kUnsupported, "nonce kind 3");
    }
}

Result<Caps> read_caps(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint8_t head, reader.read_u8());
    Caps caps;
    caps.no_new_authority = (head & kCapsNoNewAuthority) != 0;
    const unsigned count = head & 0x7f;
    LATCHKEY_CHECK(check_max("the number of caps", count, kMaximumCaps));
    for (unsigned i = 0; i < count; ++i) {
        Cap cap;
        LATCHKEY_TRY(cap.account_index, reader.read_u8());
        LATCHKEY_TRY(cap.maximum_outflow, reader.read_u64_le());
        LATCHKEY_TRY(cap.minimum_inflow, reader.read_u64_le());
        caps.caps.push_back(cap);
    }
    return caps;
}

Result<std::size_t> read_call_length(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint8_t first, reader.read_u8());
    if (first <= kShortLengthMax) {
        return first;
    }
    LATCHKEY_TRY(const std::uint8_t low, reader.read_u8());
    const std::size_t length = static_cast<std::size_t>((first & 0x7f) << 8 | low);
    if (length <= kShortLengthMax) {
        return fail(ErrorCode::kNonCanonical, "a call's length below 128 takes one byte");
    }
    return length;
}

Result<CompactCall> read_call(ByteReader& reader) {
    CompactCall call;
    LATCHKEY_TRY(call.program_index, reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t count, reader.read_u8());
    LATCHKEY_TRY(const ByteView metas, reader.read(count));
    for (const std::uint8_t meta : metas) {
        call.metas.push_back(
            {u8(meta & kMetaIndexMask), (meta & kMetaWritable) != 0, (meta & kMetaSigner) != 0});
    }
    LATCHKEY_TRY(const std::size_t length, read_call_length(reader));
    LATCHKEY_TRY(const ByteView data, reader.read(length));
    call.data = core::to_bytes(data);
    return call;
}

Result<ExecuteBody> read_execute(ByteReader& reader, bool has_caps) {
    ExecuteBody body;
    if (has_caps) {
        LATCHKEY_TRY(body.caps, read_caps(reader));
    }
    while (reader.remaining() != 0) {
        LATCHKEY_CHECK(check_max("the number of calls", body.calls.size() + 1, kMaximumCalls));
        LATCHKEY_TRY(CompactCall call, read_call(reader));
        body.calls.push_back(std::move(call));
    }
    return body;
}

/// The chain-agnostic actions, which begin with an epoch.
Result<Body> read_change(ByteReader& reader, std::uint64_t action) {
    LATCHKEY_TRY(const std::uint32_t epoch, reader.read_u32_le());
    switch (action) {
        case kCancel: {
            LATCHKEY_TRY(const std::uint8_t target, reader.read_u8());
            return CancelBody{epoch, target};
        }
        case kFreeze: {
            LATCHKEY_TRY(const bool lift, reader.read_bool());
            return FreezeBody{epoch, lift};
        }
        default: {
            LATCHKEY_TRY(const ByteView bytes, reader.read(reader.remaining()));
            if (action == kPolicy) {
                return PolicyBody{epoch, core::to_bytes(bytes)};
            }
            return RecoverBody{epoch, core::to_bytes(bytes)};
        }
    }
}

Result<Body> read_body(ByteReader& reader, std::uint64_t action, bool has_caps) {
    if (has_caps && action != kExecute) {
        return fail(ErrorCode::kUnsupported, "only execute has caps");
    }
    switch (action) {
        case kExecute:
            return read_execute(reader, has_caps);
        case kGrant: {
            LATCHKEY_TRY(const ByteView bytes, reader.read(reader.remaining()));
            return GrantBody{core::to_bytes(bytes)};
        }
        case kPolicy:
        case kCancel:
        case kFreeze:
        case kRecover:
            return read_change(reader, action);
        case kUpgrade: {
            UpgradeBody body;
            LATCHKEY_TRY(body.code_hash, reader.read_as<Hash32>());
            LATCHKEY_TRY(body.call, read_call(reader));
            return body;
        }
        default: {
            LATCHKEY_TRY(const Hash32 hash, reader.read_as<Hash32>());
            if (action == kRevoke) {
                return RevokeBody{hash};
            }
            return MessageBody{hash};
        }
    }
}

/// From the rule byte on; the byte's other bits are the caller's.
Result<RuleReference> read_rule(ByteReader& reader, std::uint8_t head) {
    RuleReference rule{.is_local = (head & kRuleLocal) != 0, .index = u8(head & 0x0f)};
    if ((head & kRuleRecovery) != 0) {
        LATCHKEY_TRY(const std::uint16_t length, reader.read_u16_le());
        LATCHKEY_TRY(const ByteView part, reader.read(length));
        rule.recovery_part = core::to_bytes(part);
    }
    return rule;
}

Result<SignedPart> read_signed(ByteReader& reader, std::uint64_t action, std::uint64_t nonce_kind,
                               bool has_genesis) {
    SignedPart part;
    LATCHKEY_TRY(const std::uint8_t rule, reader.read_u8());
    LATCHKEY_TRY(part.rule, read_rule(reader, rule));
    LATCHKEY_TRY(part.nonce, read_nonce(reader, nonce_kind, has_genesis));
    if ((rule & kRuleDeadline) != 0) {
        if (nonce_kind == kNonceLane) {
            return fail(ErrorCode::kInvalidArgument, "a lane's nonce has its own deadline");
        }
        LATCHKEY_TRY(part.deadline, reader.read_u64_le());
    }
    LATCHKEY_TRY(part.body, read_body(reader, action, (rule & kRuleCaps) != 0));
    return part;
}

Result<WalletInstruction> read_apply(ByteReader& reader, std::uint8_t head) {
    if ((head & (kHeadGenesis | kHeadTree)) != 0) {
        return fail(ErrorCode::kUnsupported, "what waits is applied without genesis and tree");
    }
    ApplyAction apply;
    apply.nonce_kind = u8((head & kHeadNonceMask) >> kHeadNonceShift);
    LATCHKEY_TRY(const std::uint8_t action, reader.read_u8());
    if (action > kUpgrade || !can_wait(static_cast<ActionNumber>(action))) {
        return fail(ErrorCode::kUnsupported, "action " + std::to_string(action) + " never waits");
    }
    LATCHKEY_TRY(const std::uint8_t rule, reader.read_u8());
    if ((rule & kRuleDeadline) != 0) {
        return fail(ErrorCode::kUnsupported, "what waits is applied without a deadline");
    }
    LATCHKEY_TRY(apply.rule, read_rule(reader, rule));
    LATCHKEY_TRY(apply.body, read_body(reader, action, (rule & kRuleCaps) != 0));
    LATCHKEY_CHECK(reader.expect_end());
    LATCHKEY_CHECK(check_apply(apply));
    return apply;
}

Result<WalletInstruction> read_action(ByteReader& reader, std::uint8_t head) {
    const std::uint64_t number = head & kHeadActionMask;
    ApprovedAction action;
    LATCHKEY_TRY(action.approvals, read_approvals(reader));
    if ((head & kHeadTree) != 0) {
        LATCHKEY_TRY(action.tree, read_tree(reader));
    }
    LATCHKEY_CHECK(check_approvals(action.approvals));
    const bool has_genesis = (head & kHeadGenesis) != 0;
    if (has_genesis) {
        if (number != kExecute && number != kMessage) {
            return fail(ErrorCode::kInvalidArgument, "only execute and message need no state");
        }
        LATCHKEY_TRY(action.genesis,
                     read_holed_genesis(reader, approving_signers(action.approvals)));
    }
    LATCHKEY_TRY(
        action.signed_part,
        read_signed(reader, number, (head & kHeadNonceMask) >> kHeadNonceShift, has_genesis));
    LATCHKEY_CHECK(reader.expect_end());
    LATCHKEY_CHECK(check_action(action));
    return action;
}

/// Actions whose first byte is their number and nothing else.
Result<WalletInstruction> read_lane_action(ByteReader& reader, std::uint8_t head) {
    WalletInstruction out;
    switch (head) {
        case kOpenLane: {
            OpenLane open;
            LATCHKEY_TRY(open.index, reader.read_u8());
            LATCHKEY_TRY(open.bump, reader.read_u8());
            out = open;
            break;
        }
        case kCloseLane:
            out = CloseLane{};
            break;
        case kSetLaneOperator:
            out = SetLaneOperator{};
            break;
        default:
            return fail(ErrorCode::kUnsupported,
                        "no action has the first byte " + std::to_string(head));
    }
    LATCHKEY_CHECK(reader.expect_end());
    return out;
}

}  // namespace

ActionNumber action_number(const Body& body) {
    return kBodyActions[body.index()];
}

std::uint8_t record_name(const RuleReference& rule) {
    return u8(rule.index | (rule.recovery_part ? kRuleRecovery : 0));
}

ActionNumber action_number(const WalletInstruction& instruction) {
    if (const auto* action = std::get_if<ApprovedAction>(&instruction)) {
        return action_number(action->signed_part.body);
    }
    if (std::holds_alternative<ApplyAction>(instruction)) {
        return kApply;
    }
    return static_cast<ActionNumber>(instruction.index() + kMessage);
}

std::uint64_t lane_deadline(const LaneNonce& nonce, std::uint64_t window) {
    return window * core::kLaneWindowSeconds + nonce.sixteenth * 16U + 15U;
}

Binding make_binding(const Hash32& config_id, const std::optional<Hash32>& local_rule_id) {
    Binding out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = u8(config_id[i] ^ (local_rule_id ? (*local_rule_id)[i] : 0));
    }
    return out;
}

Result<Bytes> encode_signed(const SignedPart& signed_part) {
    LATCHKEY_CHECK(check_signed(signed_part));
    ByteWriter writer;
    write_signed(writer, signed_part);
    return writer.take();
}

Result<Bytes> encode_body(const Body& body) {
    LATCHKEY_CHECK(check_body(body));
    ByteWriter writer;
    std::visit(BodyWriter{writer}, body);
    return writer.take();
}

Result<Bytes> encode_instruction(const WalletInstruction& instruction) {
    return std::visit(InstructionWriter{}, instruction);
}

Result<WalletInstruction> decode_instruction(ByteView data) {
    ByteReader reader(data);
    LATCHKEY_TRY(const std::uint8_t head, reader.read_u8());
    const std::uint64_t number = head & kHeadActionMask;
    if (std::find(std::begin(kBodyActions), std::end(kBodyActions), number) !=
        std::end(kBodyActions)) {
        return read_action(reader, head);
    }
    if (number == kApply) {
        return read_apply(reader, head);
    }
    if (head == (kCreateState | kHeadGenesis)) {
        LATCHKEY_CHECK(make_holed_genesis(reader.rest(), {}));
        return CreateState{core::to_bytes(reader.rest())};
    }
    return read_lane_action(reader, head);
}

}  // namespace latchkey::solana
