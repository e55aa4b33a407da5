// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/tree.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::Leaf;
using core::NonceKind;
using core::SolanaAction;
using core::SolanaLeaf;

constexpr std::array<std::string_view, 5> kActions = {"execute", "grant", "revoke", "message",
                                                      "upgrade"};
constexpr std::pair<std::string_view, core::ChangeAction> kChanges[] = {
    {"policy", core::ChangeAction::kPolicy},
    {"cancel", core::ChangeAction::kCancel},
    {"freeze", core::ChangeAction::kFreeze},
    {"recover", core::ChangeAction::kRecover}};

template <typename Fixed>
Fixed named(std::string_view text) {
    return Fixed(hash_of(text).array());
}

SolanaLeaf full_leaf() {
    return SolanaLeaf{.action = SolanaAction::kExecute,
                      .cluster = cluster(),
                      .nonce_kind = NonceKind::kLane,
                      .deadline = 1'700'000'015,
                      .wallet_id = named<core::WalletId>("wallet"),
                      .config_id = named<core::ConfigId>("configuration"),
                      .local_rule_id = named<core::LocalRuleId>("local rule"),
                      .lane = hash_of("lane"),
                      .signed_region = {0x10, 0x07, 0xf8, 0x04, 0x02, 0x41, 0x02, 0x00, 0x04, 0x02,
                                        0x00, 0x00, 0x00},
                      .account_keys = {hash_of("account 0"), hash_of("account 1")}};
}

SolanaLeaf plain_leaf(SolanaAction action) {
    SolanaLeaf leaf = full_leaf();
    leaf.action = action;
    leaf.nonce_kind = NonceKind::kTransaction;
    leaf.deadline = core::kNever;
    leaf.local_rule_id.reset();
    leaf.lane.reset();
    return leaf;
}

json::object to_json(const std::string& name, const SolanaLeaf& leaf) {
    json::array keys;
    for (const Hash32& key : leaf.account_keys) {
        keys.push_back(hex(key));
    }
    json::object vector{{"name", name},
                        {"type", kActions.at(static_cast<std::size_t>(leaf.action))},
                        {"cluster", hex(leaf.cluster)},
                        {"nonceKind", static_cast<int>(leaf.nonce_kind)},
                        {"deadline", decimal(leaf.deadline)},
                        {"walletId", hex(leaf.wallet_id)},
                        {"configId", hex(leaf.config_id)}};
    if (leaf.local_rule_id) {
        vector["localRuleId"] = hex(*leaf.local_rule_id);
    }
    if (leaf.lane) {
        vector["lane"] = hex(*leaf.lane);
    }
    vector["signed"] = hex(leaf.signed_region);
    vector["accountKeys"] = keys;
    vector["leaf"] = hex(core::leaf_of(leaf).value());
    return vector;
}

SolanaLeaf solana_leaf_from(const json::object& vector, std::size_t action) {
    SolanaLeaf leaf{.action = static_cast<SolanaAction>(action),
                    .cluster = fixed_at<Hash32>(vector, "cluster"),
                    .nonce_kind = static_cast<NonceKind>(small_at(vector, "nonceKind")),
                    .deadline = u64_at(vector, "deadline"),
                    .wallet_id = fixed_at<core::WalletId>(vector, "walletId"),
                    .config_id = fixed_at<core::ConfigId>(vector, "configId"),
                    .signed_region = bytes_at(vector, "signed")};
    if (has(vector, "localRuleId")) {
        leaf.local_rule_id = fixed_at<core::LocalRuleId>(vector, "localRuleId");
    }
    if (has(vector, "lane")) {
        leaf.lane = fixed_at<Hash32>(vector, "lane");
    }
    for (const json::value& key : array_at(vector, "accountKeys")) {
        leaf.account_keys.push_back(fixed_of<Hash32>(key));
    }
    return leaf;
}

std::string_view name_of(core::ChangeAction action) {
    for (const auto& [name, value] : kChanges) {
        if (value == action) {
            return name;
        }
    }
    return {};
}

json::object to_json(const std::string& name, const core::ChangeLeaf& leaf) {
    return json::object{{"name", name},
                        {"type", name_of(leaf.action)},
                        {"walletId", hex(leaf.wallet_id)},
                        {"parent", hex(leaf.parent)},
                        {"rule", leaf.rule},
                        {"epoch", leaf.epoch},
                        {"content", hex(leaf.content)},
                        {"leaf", hex(core::leaf_of(leaf))}};
}

json::object to_json(const std::string& name, const core::WaitingAction& waiting) {
    json::array keys;
    for (const Hash32& key : waiting.account_keys) {
        keys.push_back(hex(key));
    }
    return json::object{{"name", name},
                        {"type", "waiting"},
                        {"cluster", hex(waiting.cluster)},
                        {"action", waiting.action},
                        {"caps", waiting.has_caps},
                        {"lane", waiting.has_lane},
                        {"walletId", hex(waiting.wallet_id)},
                        {"body", hex(waiting.body)},
                        {"accountKeys", keys},
                        {"digest", hex(core::waiting_digest_of(waiting).value())}};
}

void add_solana_leaves(json::array& out) {
    for (std::size_t i = 0; i < kActions.size(); ++i) {
        out.push_back(
            to_json("plain " + std::string(kActions[i]), plain_leaf(static_cast<SolanaAction>(i))));
    }
    out.push_back(to_json("execute with everything", full_leaf()));
    SolanaLeaf bare = plain_leaf(SolanaAction::kExecute);
    bare.signed_region.clear();
    bare.account_keys.clear();
    out.push_back(to_json("execute without bytes or accounts", bare));
    bare.signed_region = filled(0xab, 900);
    bare.account_keys.assign(60, hash_of("account 0"));
    out.push_back(to_json("execute with 60 accounts", bare));

    using Change = void (*)(SolanaLeaf&);
    const std::pair<std::string, Change> changes[] = {
        {"action", [](SolanaLeaf& leaf) { leaf.action = SolanaAction::kMessage; }},
        {"cluster", [](SolanaLeaf& leaf) { leaf.cluster[0] ^= 1; }},
        {"nonce kind",
         [](SolanaLeaf& leaf) {
             leaf.nonce_kind = NonceKind::kStateSequence;
             leaf.lane.reset();
         }},
        {"deadline", [](SolanaLeaf& leaf) { leaf.deadline ^= 1; }},
        {"wallet", [](SolanaLeaf& leaf) { leaf.wallet_id[31] ^= 1; }},
        {"configuration", [](SolanaLeaf& leaf) { leaf.config_id[31] ^= 1; }},
        {"local rule", [](SolanaLeaf& leaf) { (*leaf.local_rule_id)[31] ^= 1; }},
        {"no local rule", [](SolanaLeaf& leaf) { leaf.local_rule_id.reset(); }},
        {"lane", [](SolanaLeaf& leaf) { (*leaf.lane)[31] ^= 1; }},
        {"signed bytes", [](SolanaLeaf& leaf) { leaf.signed_region.back() ^= 1; }},
        {"signed length", [](SolanaLeaf& leaf) { leaf.signed_region.push_back(0); }},
        {"account", [](SolanaLeaf& leaf) { leaf.account_keys[0][0] ^= 1; }},
        {"order of accounts",
         [](SolanaLeaf& leaf) { std::swap(leaf.account_keys[0], leaf.account_keys[1]); }},
        {"number of accounts", [](SolanaLeaf& leaf) { leaf.account_keys.pop_back(); }},
        {"account in place of signed bytes", [](SolanaLeaf& leaf) {
             core::append(leaf.signed_region, leaf.account_keys[0]);
             leaf.account_keys.erase(leaf.account_keys.begin());
         }}};
    for (const auto& [name, change] : changes) {
        SolanaLeaf leaf = full_leaf();
        change(leaf);
        out.push_back(to_json("everything with another " + name, leaf));
    }
}

/// Each change, and then each of its fields changed once.
void add_change_leaves(json::array& out) {
    const Bytes shared = core::encode(full_configuration()).value();
    const Hash32 commitment =
        core::commitment_of(core::encode(full_recovery()).value(), 216).bytes();
    const std::pair<core::ChangeAction, Bytes> contents[] = {
        {core::ChangeAction::kPolicy, shared},
        {core::ChangeAction::kCancel, {0x81}},
        {core::ChangeAction::kFreeze, {1}},
        {core::ChangeAction::kRecover, new_signers()}};
    using Change = void (*)(core::ChangeLeaf&);
    const std::pair<std::string, Change> changes[] = {
        {"another wallet", [](core::ChangeLeaf& leaf) { leaf.wallet_id[0] ^= 1; }},
        {"another parent", [](core::ChangeLeaf& leaf) { leaf.parent[31] ^= 1; }},
        {"the other part's rule", [](core::ChangeLeaf& leaf) { leaf.rule ^= 0x80; }},
        {"another rule", [](core::ChangeLeaf& leaf) { leaf.rule ^= 15; }},
        {"the next epoch", [](core::ChangeLeaf& leaf) { leaf.epoch += 1; }},
        {"the last epoch", [](core::ChangeLeaf& leaf) { leaf.epoch = 0xffffffff; }},
        {"another content", [](core::ChangeLeaf& leaf) { leaf.content.back() ^= 1; }},
        {"a longer content", [](core::ChangeLeaf& leaf) { leaf.content.push_back(0); }},
        {"no content", [](core::ChangeLeaf& leaf) { leaf.content.clear(); }}};
    for (const auto& [action, content] : contents) {
        const bool is_recovery = action == core::ChangeAction::kRecover;
        const core::ChangeLeaf leaf{
            .wallet_id = named<core::WalletId>("wallet"),
            .parent = is_recovery ? commitment : hash_of("configuration"),
            .action = action,
            .rule = static_cast<std::uint8_t>(is_recovery ? core::kRecoveryRule | 1 : 1),
            .epoch = 7,
            .content = content};
        const std::string name(name_of(action));
        out.push_back(to_json(name, leaf));
        for (const auto& [what, change] : changes) {
            core::ChangeLeaf other = leaf;
            change(other);
            out.push_back(to_json(name + ", " + what, other));
        }
    }
}

void add_waiting_digests(json::array& out) {
    const core::WaitingAction waiting{.cluster = cluster(),
                                      .action = 1,
                                      .has_caps = true,
                                      .wallet_id = named<core::WalletId>("wallet"),
                                      .body = full_leaf().signed_region,
                                      .account_keys = {hash_of("account 0"), hash_of("account 1")}};
    for (const std::uint8_t action : Bytes{1, 2, 4, 14, 15}) {
        core::WaitingAction other = waiting;
        other.action = action;
        other.has_caps = false;
        out.push_back(to_json("waiting action " + std::to_string(action), other));
    }
    out.push_back(to_json("waiting with caps", waiting));
    using Change = void (*)(core::WaitingAction&);
    const std::pair<std::string, Change> changes[] = {
        {"cluster", [](core::WaitingAction& action) { action.cluster[31] ^= 1; }},
        {"wallet", [](core::WaitingAction& action) { action.wallet_id[0] ^= 1; }},
        {"place of accounts", [](core::WaitingAction& action) { action.has_lane = true; }},
        {"body", [](core::WaitingAction& action) { action.body.front() ^= 1; }},
        {"length of the body", [](core::WaitingAction& action) { action.body.push_back(0); }},
        {"account", [](core::WaitingAction& action) { action.account_keys[1][31] ^= 1; }},
        {"order of accounts",
         [](core::WaitingAction& action) {
             std::swap(action.account_keys[0], action.account_keys[1]);
         }},
        {"number of accounts", [](core::WaitingAction& action) { action.account_keys.pop_back(); }},
        {"account in place of bytes", [](core::WaitingAction& action) {
             core::append(action.body, action.account_keys[0]);
             action.account_keys.erase(action.account_keys.begin());
         }}};
    for (const auto& [name, change] : changes) {
        core::WaitingAction other = waiting;
        change(other);
        out.push_back(to_json("waiting with another " + name, other));
    }
}

void run_waiting(const json::object& vector, Findings& findings) {
    core::WaitingAction waiting{.cluster = fixed_at<Hash32>(vector, "cluster"),
                                .action = static_cast<std::uint8_t>(small_at(vector, "action")),
                                .has_caps = bool_at(vector, "caps"),
                                .has_lane = bool_at(vector, "lane"),
                                .wallet_id = fixed_at<core::WalletId>(vector, "walletId"),
                                .body = bytes_at(vector, "body")};
    for (const json::value& key : array_at(vector, "accountKeys")) {
        waiting.account_keys.push_back(fixed_of<Hash32>(key));
    }
    findings.equal("digest", vector.at("digest"), hex(core::waiting_digest_of(waiting).value()));
}

std::vector<Leaf> leaves_of(std::size_t count) {
    std::vector<Leaf> leaves;
    for (std::size_t i = 0; i < count; ++i) {
        leaves.push_back(named<Leaf>("leaf " + std::to_string(i)));
    }
    return leaves;
}

json::object to_json(const core::TreeProof& proof) {
    json::array siblings;
    for (const Hash32& sibling : proof.siblings) {
        siblings.push_back(hex(sibling));
    }
    return {{"height", proof.height}, {"leafIndex", proof.leaf_index}, {"siblings", siblings}};
}

core::TreeProof proof_from(const json::object& object) {
    core::TreeProof proof{.height = static_cast<std::uint8_t>(small_at(object, "height")),
                          .leaf_index = static_cast<std::uint8_t>(small_at(object, "leafIndex"))};
    for (const json::value& sibling : array_at(object, "siblings")) {
        proof.siblings.push_back(fixed_of<Hash32>(sibling));
    }
    return proof;
}

json::object proof_vector(std::string name, const Leaf& leaf, const core::TreeProof& proof) {
    json::object vector{{"name", std::move(name)},
                        {"type", "proof"},
                        {"leaf", hex(leaf)},
                        {"proof", to_json(proof)}};
    const core::Judged<core::ApprovalHash> hash = core::approval_hash_of(leaf, proof);
    vector["verdict"] = number_of(hash.has_value() ? Verdict::kAccepted : hash.error());
    if (hash) {
        vector["approvalHash"] = hex(*hash);
    }
    return vector;
}

void add_proofs(json::array& out) {
    const std::vector<Leaf> leaves = leaves_of(5);
    const core::ApprovalTree tree = core::ApprovalTree::build(leaves).value();
    for (std::size_t i = 0; i < tree.size(); ++i) {
        out.push_back(proof_vector("leaf " + std::to_string(i) + " of 5",
                                   i < leaves.size() ? leaves[i] : core::empty_leaf(),
                                   tree.proof(i).value()));
    }
    const core::ApprovalTree large = core::ApprovalTree::build(leaves_of(256)).value();
    out.push_back(proof_vector("leaf 255 of 256", leaves_of(256)[255], large.proof(255).value()));

    const core::TreeProof proof = tree.proof(2).value();
    for (std::size_t level = 0; level < 3; ++level) {
        core::TreeProof changed = proof;
        changed.siblings[level][0] ^= 1;
        out.push_back(
            proof_vector("another sibling at level " + std::to_string(level), leaves[2], changed));
        changed = proof;
        changed.leaf_index ^= static_cast<std::uint8_t>(1U << level);
        out.push_back(
            proof_vector("another side at level " + std::to_string(level), leaves[2], changed));
    }
    out.push_back(proof_vector("another leaf", leaves[3], proof));
    const std::pair<std::string, core::TreeProof> refused[] = {
        {"height 0", {0, 0, {}}},
        {"height 9", {9, 0, std::vector<Hash32>(9)}},
        {"height 255", {255, 0, std::vector<Hash32>(255)}},
        {"index 2 at height 1", {1, 2, std::vector<Hash32>(1)}},
        {"index 8 at height 3", {3, 8, std::vector<Hash32>(3)}},
        {"index 255 at height 7", {7, 255, std::vector<Hash32>(7)}}};
    for (const auto& [name, bad] : refused) {
        json::object vector = proof_vector(name, leaves[0], bad);
        require(vector.at("verdict") == number_of(Verdict::kApprovalTree), name);
        out.push_back(std::move(vector));
    }
}

/// What a digest is made of and all that is made of it.
json::object digest_vector(std::string name, const core::ApprovalHash& hash,
                           std::string_view signer) {
    const auto key = ed25519_key(signer);
    const core::Digest digest = core::digest_of(hash);
    return json::object{{"name", std::move(name)},
                        {"approvalHash", hex(hash)},
                        {"digest", hex(digest)},
                        {"eip712Message", hex(core::eip712_message(hash))},
                        {"eip191Message", hex(core::eip191_message(digest))},
                        {"eip191Digest", hex(core::eip191_digest(digest))},
                        {"challenge", hex(core::webauthn_challenge(digest))},
                        {"letters", core::offchain_text(digest).substr(24)},
                        {"ed25519Key", hex(key)},
                        {"offchainMessage", hex(core::offchain_message(key, digest))}};
}

}  // namespace

json::array generate_leaves() {
    json::array out;
    add_solana_leaves(out);
    add_change_leaves(out);
    add_waiting_digests(out);
    return out;
}

void run_leaf(const json::object& vector, Findings& findings) {
    const std::string type = text_at(vector, "type");
    if (type == "waiting") {
        return run_waiting(vector, findings);
    }
    for (const auto& [name, action] : kChanges) {
        if (name == type) {
            const core::ChangeLeaf leaf{
                .wallet_id = fixed_at<core::WalletId>(vector, "walletId"),
                .parent = fixed_at<Hash32>(vector, "parent"),
                .action = action,
                .rule = static_cast<std::uint8_t>(small_at(vector, "rule")),
                .epoch = static_cast<std::uint32_t>(small_at(vector, "epoch")),
                .content = bytes_at(vector, "content")};
            findings.equal("leaf", vector.at("leaf"), hex(core::leaf_of(leaf)));
            return;
        }
    }
    for (std::size_t i = 0; i < kActions.size(); ++i) {
        if (kActions[i] == type) {
            const core::Result<Leaf> leaf = core::leaf_of(solana_leaf_from(vector, i));
            findings.that("the leaf makes sense", leaf.has_value());
            findings.equal("leaf", vector.at("leaf"), hex(leaf.value_or(Leaf())));
            return;
        }
    }
    findings.that("the type is known", false);
}

json::array generate_trees() {
    json::array out;
    for (const std::size_t count : std::initializer_list<std::size_t>{2, 3, 4, 5, 9, 32, 256}) {
        const std::vector<Leaf> leaves = leaves_of(count);
        const core::ApprovalTree tree = core::ApprovalTree::build(leaves).value();
        json::array list;
        for (const Leaf& leaf : leaves) {
            list.push_back(hex(leaf));
        }
        out.push_back(json::object{{"name", std::to_string(count) + " leaves"},
                                   {"type", "tree"},
                                   {"leaves", list},
                                   {"height", tree.height()},
                                   {"root", hex(tree.root())},
                                   {"approvalHash", hex(tree.approval_hash())},
                                   {"digest", hex(tree.digest())}});
    }
    add_proofs(out);
    return out;
}

void run_tree(const json::object& vector, Findings& findings) {
    if (text_at(vector, "type") == "proof") {
        const auto hash = core::approval_hash_of(fixed_at<Leaf>(vector, "leaf"),
                                                 proof_from(object_at(vector, "proof")));
        findings.verdict(verdict_at(vector), hash ? Verdict::kAccepted : hash.error());
        if (hash && has(vector, "approvalHash")) {
            findings.equal("approvalHash", vector.at("approvalHash"), hex(*hash));
        }
        return;
    }
    std::vector<Leaf> leaves;
    for (const json::value& leaf : array_at(vector, "leaves")) {
        leaves.push_back(fixed_of<Leaf>(leaf));
    }
    const core::ApprovalTree tree = core::ApprovalTree::build(leaves).value();
    findings.equal("height", small_at(vector, "height"), std::uint64_t{tree.height()});
    findings.equal("root", vector.at("root"), hex(tree.root()));
    findings.equal("approvalHash", vector.at("approvalHash"), hex(tree.approval_hash()));
    findings.equal("digest", vector.at("digest"), hex(tree.digest()));
}

json::array generate_digests() {
    json::array out;
    out.push_back(digest_vector("zero", core::ApprovalHash(), "laptop"));
    out.push_back(digest_vector("all ones", core::ApprovalHash(address(0xff).array()), "laptop"));
    for (std::size_t i = 0; i < 10; ++i) {
        const std::string number = std::to_string(i);
        out.push_back(digest_vector("hash " + number,
                                    named<core::ApprovalHash>("approval hash " + number),
                                    "laptop " + number));
    }
    return out;
}

void run_digest(const json::object& vector, Findings& findings) {
    const auto hash = fixed_at<core::ApprovalHash>(vector, "approvalHash");
    const auto key = fixed_at<core::crypto::Ed25519PublicKey>(vector, "ed25519Key");
    const core::Digest digest = core::digest_of(hash);
    findings.equal("digest", vector.at("digest"), hex(digest));
    findings.equal("eip712Message", vector.at("eip712Message"), hex(core::eip712_message(hash)));
    findings.equal("eip191Message", vector.at("eip191Message"), hex(core::eip191_message(digest)));
    findings.equal("eip191Digest", vector.at("eip191Digest"), hex(core::eip191_digest(digest)));
    findings.equal("challenge", vector.at("challenge"), hex(core::webauthn_challenge(digest)));
    findings.equal("letters", vector.at("letters"),
                   json::string(core::offchain_text(digest).substr(24)));
    findings.equal("offchainMessage", vector.at("offchainMessage"),
                   hex(core::offchain_message(key, digest)));
}

}  // namespace latchkey::vectors
