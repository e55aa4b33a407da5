// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/forge.hpp"

#include <algorithm>
#include <stdexcept>

#include "chains/solana/testing/native_addresses.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/tree.hpp"
#include "core/webauthn/challenge.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::solana::testing {

namespace {

namespace crypto = core::crypto;

template <typename T>
T expect(core::Result<T> result) {
    if (!result.has_value()) {
        throw std::logic_error(result.error().to_string());
    }
    return *std::move(result);
}

template <typename T>
T expect(core::Judged<T> result) {
    if (!result.has_value()) {
        throw std::logic_error("refused: " + std::string(core::verdict_name(result.error())));
    }
    return *std::move(result);
}

core::Hash32 to_hash(const Address& address) {
    return core::Hash32(address.array());
}

/// Kind and key: what tells keys apart.
Bytes key_of(const core::Signer& entry) {
    Bytes key = entry.key;
    key.push_back(static_cast<std::uint8_t>(entry.kind));
    return key;
}

std::vector<core::Signer> read_signers(ByteView bytes, std::size_t count) {
    std::vector<core::Signer> signers;
    for (std::size_t i = 0; i < count && !bytes.empty(); ++i) {
        const std::uint8_t head = bytes[0];
        core::Signer signer;
        signer.kind = static_cast<core::SignerKind>(head & core::kSignerKindMask);
        signer.same_party = (head & core::kSignerSameParty) != 0;
        signer.option = (head & core::kSignerOption) != 0;
        const std::size_t size = core::signer_key_size(signer.kind);
        signer.key = core::to_bytes(bytes.subspan(1, size));
        bytes = bytes.subspan(1 + size);
        signers.push_back(std::move(signer));
    }
    return signers;
}

std::uint64_t default_form(core::SignerKind kind) {
    switch (kind) {
        case core::kSignerEd25519:
        case core::kSignerProgram:
            return kFormAccount;
        case core::kSignerSecp256k1Eip712:
        case core::kSignerSecp256k1Eip191:
            return kFormRecover;
        case core::kSignerWebauthn:
            return kFormHost;
        default:
            return kFormNone;
    }
}

/// The account that an approval of form 1 names, with the privileges it needs.
AccountMeta evidence_account(const core::Signer& signer) {
    switch (signer.kind) {
        case core::kSignerEd25519:
            return readonly_signer(expect(Address::from(signer.key)));
        case core::kSignerProgram:
            return readonly_signer(expect(Address::from(ByteView(signer.key).subspan(32))));
        default:
            // No account is evidence for the others.
            return readonly(kSystemProgram);
    }
}

/// Position of an account behind the fixed ones, added if it is missing.
std::uint8_t place(std::vector<AccountMeta>& accounts, const AccountMeta& account,
                   std::size_t fixed) {
    auto found = std::find_if(accounts.begin(), accounts.end(),
                              [&](const AccountMeta& it) { return it.address == account.address; });
    if (found == accounts.end()) {
        found = accounts.insert(accounts.end(), account);
    }
    return static_cast<std::uint8_t>(fixed + static_cast<std::size_t>(found - accounts.begin()));
}

core::SolanaAction leaf_action(const Body& body) {
    constexpr core::SolanaAction kActions[] = {
        core::SolanaAction::kExecute, core::SolanaAction::kGrant,   core::SolanaAction::kRevoke,
        core::SolanaAction::kExecute, core::SolanaAction::kMessage, core::SolanaAction::kExecute,
        core::SolanaAction::kExecute, core::SolanaAction::kExecute, core::SolanaAction::kUpgrade};
    return kActions[body.index()];
}

/// The leaf at `index` of a tree whose other leaves mean nothing, and its proof.
core::TreeProof make_proof(std::uint8_t height, std::uint8_t index) {
    core::TreeProof proof;
    proof.height = height;
    proof.leaf_index = index;
    for (std::uint8_t level = 0; level < height; ++level) {
        core::Hash32 sibling;
        sibling[0] = level;
        sibling[31] = index;
        proof.siblings.push_back(sibling);
    }
    return proof;
}

/// Turns signers into evidence, and collects what the precompiles verify.
class EvidenceMaker {
  public:
    EvidenceMaker(const Keyring& keyring, bool signs, const core::ApprovalHash& hash)
        : keyring_(keyring), signs_(signs), hash_(hash), digest_(core::digest_of(hash)) {}

    Evidence make(const core::Signer& signer, const ForgedApproval& approval, std::uint64_t form,
                  std::uint8_t account_index) {
        const TestSigner* const key = keyring_.find(signer);
        given_ = approval.evidence;
        switch (form) {
            case kFormNone:
                add_slot(signer, key);
                return SlotEvidence{};
            case kFormAccount:
                return AccountEvidence{account_index};
            case kFormRecover:
                return recover_evidence(key);
            default:
                return passkey_evidence(signer, key, approval.answer, form);
        }
    }

    std::vector<Instruction> precompiles() const {
        std::vector<Instruction> out;
        if (!ed25519_.empty()) {
            out.push_back(make_precompile(kEd25519Program, ed25519_));
        }
        if (!secp256r1_.empty()) {
            out.push_back(make_precompile(kSecp256r1Program, secp256r1_));
        }
        return out;
    }

  private:
    /// Zeros for a signer without key, or of a kind that signs otherwise.
    template <typename Made>
    Made signature_of(const TestSigner* key) const {
        if (key == nullptr || key->entry().kind == core::kSignerWebauthn) {
            return {};
        }
        const core::Evidence evidence = given_ ? *given_ : key->approve(hash_);
        const Made* const made = std::get_if<Made>(&evidence);
        return made == nullptr ? Made{} : *made;
    }
    template <typename Made>
    Made precompile_signature_of(const TestSigner* key) const {
        return signs_ ? signature_of<Made>(key) : Made{};
    }

    void add_slot(const core::Signer& signer, const TestSigner* key) {
        if (signer.kind == core::kSignerEd25519) {
            const auto public_key = expect(crypto::Ed25519PublicKey::from(signer.key));
            ed25519_.push_back(
                {signer.key,
                 core::to_bytes(precompile_signature_of<crypto::Ed25519Signature>(key).view()),
                 core::offchain_message(public_key, digest_)});
        } else if (signer.kind == core::kSignerP256) {
            secp256r1_.push_back(
                {signer.key,
                 core::to_bytes(precompile_signature_of<crypto::P256Signature>(key).view()),
                 core::to_bytes(digest_.view())});
        }
    }

    Evidence recover_evidence(const TestSigner* key) const {
        const crypto::RecoverableSignature made = signature_of<crypto::RecoverableSignature>(key);
        RecoverEvidence evidence;
        std::copy(made.signature.begin(), made.signature.end(), evidence.signature.begin());
        evidence.signature.back() = made.recovery_id;
        return evidence;
    }

    Evidence passkey_evidence(const core::Signer& signer, const TestSigner* key,
                              const PasskeyAnswer& answer, std::uint64_t form) {
        if (signer.kind == core::kSignerWebauthn) {
            PasskeyAnswer full = answer;
            if (!full.relying_party_id_hash) {
                full.relying_party_id_hash =
                    expect(core::Hash32::from(ByteView(signer.key).subspan(33)));
            }
            if (!full.rest) {
                full.rest = core::webauthn::standard_rest(host_);
            }
            add_assertion(signer, key, full);
        }
        if (form == kFormHost) {
            return HostEvidence{host_};
        }
        if (form == kFormRest) {
            return ClientDataEvidence{answer.rest.value_or(core::webauthn::standard_rest(host_))};
        }
        return SameClientDataEvidence{};
    }

    void add_assertion(const core::Signer& signer, const TestSigner* key,
                       const PasskeyAnswer& answer) {
        core::ByteWriter data;
        data.write(answer.relying_party_id_hash->view());
        data.write_u8(answer.flags).write_u32_be(answer.counter);
        const std::string json = answer.client_data_json.value_or(
            R"({"type":"webauthn.get","challenge":")" +
            core::webauthn::challenge_text_of_digest(core::Hash32(digest_.array())) + *answer.rest);
        Bytes message = core::concat(answer.authenticator_data.value_or(data.take()),
                                     crypto::sha256(core::as_bytes(json)).view());
        crypto::P256Signature signature;
        if (signs_ && key != nullptr) {
            signature = given_ ? std::get<core::webauthn::Assertion>(*given_).signature
                               : key->approve(hash_, answer).signature;
        }
        secp256r1_.push_back({core::to_bytes(ByteView(signer.key).first(33)),
                              core::to_bytes(signature.view()), std::move(message)});
    }

    const Keyring& keyring_;
    bool signs_;
    const core::ApprovalHash& hash_;
    core::Digest digest_;
    /// Of the approval in the making.
    std::optional<core::Evidence> given_;
    std::string host_ = "example.com";
    std::vector<PrecompileSlot> ed25519_;
    std::vector<PrecompileSlot> secp256r1_;
};

/// Zeros when the state has none.
core::Hash32 state_commitment(const StateAccount& state) {
    if ((state.shared[0] & core::kHeaderRecovery) == 0) {
        return {};
    }
    return expect(core::Hash32::from(ByteView(state.shared).last(core::kRecoverySize)));
}

void bind_nonce(Draft& draft, const core::Hash32& config_id,
                const std::optional<core::Hash32>& local) {
    if (auto* const nonce = std::get_if<TransactionNonce>(&draft.nonce);
        nonce != nullptr && !draft.from_genesis && !nonce->binding) {
        nonce->binding = make_binding(config_id, local);
    }
}

/// Of an action that is no change.
core::SolanaLeaf solana_leaf(const ForgedWallet& wallet, const Draft& draft,
                             const core::Hash32& config_id,
                             const std::optional<core::Hash32>& local,
                             const SignedPart& signed_part) {
    core::SolanaLeaf leaf;
    leaf.action = leaf_action(draft.body);
    leaf.cluster = wallet.cluster;
    leaf.nonce_kind = static_cast<core::NonceKind>(draft.nonce.index());
    leaf.wallet_id = wallet.wallet_id;
    leaf.config_id = core::ConfigId(config_id.array());
    leaf.deadline = draft.deadline.value_or(core::kNever);
    if (local) {
        leaf.local_rule_id = core::LocalRuleId(local->array());
    }
    if (const auto* nonce = std::get_if<LaneNonce>(&draft.nonce)) {
        const std::uint64_t current = draft.now / core::kLaneWindowSeconds;
        const bool is_odd = (current & 1) != 0;
        leaf.deadline =
            solana::lane_deadline(*nonce, current + (is_odd != nonce->odd_window ? 1 : 0));
        leaf.lane = to_hash(draft.lane);
    }
    leaf.signed_region = expect(encode_signed(signed_part));
    for (const AccountMeta& account : draft.accounts) {
        leaf.account_keys.push_back(to_hash(account.address));
    }
    return leaf;
}

}  // namespace

void Keyring::add(const TestSigner& signer) {
    signers_.emplace(key_of(signer.entry()), signer);
}

const TestSigner* Keyring::find(const core::Signer& entry) const {
    const auto found = signers_.find(key_of(entry));
    return found == signers_.end() ? nullptr : &found->second;
}

ForgedWallet ForgedWallet::make(const core::Configuration& configuration, const Address& program,
                                const core::Hash32& cluster) {
    const core::NewWallet made = expect(core::find_salt(configuration, to_hash(program)));
    return {program, cluster, made.genesis, made.identity.wallet_id,
            Address(made.identity.vault.array())};
}

std::vector<core::Signer> Forge::signers_of(const Draft& draft,
                                            const std::optional<StateAccount>& state) const {
    if (draft.from_genesis || !state) {
        return read_signers(ByteView(wallet_.genesis).subspan(2),
                            (wallet_.genesis[1] & 0x0fU) + 1U);
    }
    if (draft.rule.recovery_part) {
        const ByteView part = *draft.rule.recovery_part;
        return read_signers(part.subspan(2), (part[1] & 0x0fU) + 1U);
    }
    if (draft.rule.is_local && draft.rule.index < state->slots.size() &&
        state->slots[draft.rule.index]) {
        const Bytes& rule = state->slots[draft.rule.index]->local_rule;
        return read_signers(ByteView(rule).subspan(1), (rule[0] & 0x0fU) + 1U);
    }
    return read_signers(ByteView(state->shared).subspan(2), (state->shared[1] & 0x0fU) + 1U);
}

std::optional<core::Hash32> Forge::local_rule_id(const Draft& draft,
                                                 const std::optional<StateAccount>& state) {
    if (draft.from_genesis || !state || !draft.rule.is_local ||
        draft.rule.index >= state->slots.size() || !state->slots[draft.rule.index]) {
        return std::nullopt;
    }
    return state->slots[draft.rule.index]->local_rule_id;
}

std::optional<core::Leaf> change_leaf_of(const core::WalletId& wallet_id,
                                         const core::Hash32& parent, const SignedPart& part) {
    const ActionNumber action = action_number(part.body);
    if (action != kPolicy && action != kCancel && action != kFreeze && action != kRecover) {
        return std::nullopt;
    }
    const Bytes body = expect(encode_body(part.body));
    core::ChangeLeaf leaf;
    leaf.wallet_id = wallet_id;
    leaf.parent = parent;
    leaf.action = static_cast<core::ChangeAction>(action);
    leaf.rule = record_name(part.rule);
    leaf.epoch = static_cast<std::uint32_t>(core::load32(body.data()));
    leaf.content.assign(body.begin() + kEpochSize, body.end());
    return core::leaf_of(leaf);
}

Forged Forge::build(Draft draft, const std::optional<StateAccount>& state) const {
    const bool has_lane = std::holds_alternative<LaneNonce>(draft.nonce);
    const std::size_t fixed = has_lane ? 4 : 2;
    const std::vector<core::Signer> signers = signers_of(draft, state);
    const auto signer_at = [&](std::uint8_t index) {
        return index < signers.size() ? signers[index] : core::Signer{};
    };
    std::vector<std::uint64_t> forms;
    std::vector<std::uint8_t> places;
    for (const ForgedApproval& approval : draft.approvals) {
        const core::Signer signer = signer_at(approval.signer);
        forms.push_back(approval.form.value_or(default_form(signer.kind)));
        const bool has_account = forms.back() == kFormAccount && !signer.key.empty();
        places.push_back(has_account ? place(draft.accounts, evidence_account(signer), fixed)
                                     : std::uint8_t{0});
    }

    const core::Hash32 config_id =
        draft.from_genesis || !state ? core::Hash32(wallet_.wallet_id.array()) : state->config_id;
    const std::optional<core::Hash32> local = local_rule_id(draft, state);
    core::Hash32 parent = config_id;
    if (draft.rule.recovery_part && state) {
        parent = state_commitment(*state);
    }
    bind_nonce(draft, parent, local);

    Forged out;
    out.approved.signed_part = {draft.rule, draft.nonce, draft.deadline, draft.body};
    const core::SolanaLeaf leaf =
        solana_leaf(wallet_, draft, config_id, local, out.approved.signed_part);
    const auto change = change_leaf_of(wallet_.wallet_id, parent, out.approved.signed_part);
    out.leaf = change ? *change : expect(core::leaf_of(leaf));
    core::ApprovalHash hash = core::approval_hash_of(out.leaf);
    if (draft.tree || draft.tree_height != 0) {
        out.approved.tree =
            draft.tree ? *draft.tree : make_proof(draft.tree_height, draft.tree_index);
        hash = expect(core::approval_hash_of(out.leaf, *out.approved.tree));
    }
    out.digest = core::digest_of(hash);

    EvidenceMaker maker(keyring_, options_.signs, hash);
    std::vector<std::uint8_t> approving;
    for (std::size_t i = 0; i < draft.approvals.size(); ++i) {
        const ForgedApproval& approval = draft.approvals[i];
        approving.push_back(approval.signer);
        out.approved.approvals.push_back(
            {approval.signer,
             maker.make(signer_at(approval.signer), approval, forms[i], places[i])});
    }
    if (draft.from_genesis) {
        out.approved.genesis = expect(make_holed_genesis(wallet_.genesis, approving));
    }
    out.instructions = maker.precompiles();
    Instruction instruction{wallet_.program,
                            {{wallet_.state(), false, draft.state_writable},
                             {wallet_.vault, false, draft.vault_writable}},
                            expect(encode_instruction(out.approved))};
    if (has_lane) {
        instruction.accounts.push_back(writable(draft.lane));
        instruction.accounts.push_back({draft.lane_operator, draft.operator_signs, false});
    }
    instruction.accounts.insert(instruction.accounts.end(), draft.accounts.begin(),
                                draft.accounts.end());
    out.instructions.push_back(std::move(instruction));
    return out;
}

Instruction Forge::create_state() const {
    return {wallet_.program,
            {writable(wallet_.state()), readonly(kSystemProgram)},
            expect(encode_instruction(CreateState{wallet_.genesis}))};
}

ForgedLane find_lane(const Address& program, const Address& owner, std::uint8_t index) {
    const std::uint8_t index_seed[1] = {index};
    const auto [address, bump] =
        derive_with_bump({core::as_bytes("lane"), owner.view(), index_seed}, program);
    return {address, index, bump};
}

Instruction open_lane(const Address& program, const ForgedLane& lane, const Address& owner,
                      const Address& operator_address) {
    return {program,
            {writable(lane.address), readonly_signer(owner), readonly(operator_address),
             readonly(kSystemProgram)},
            expect(encode_instruction(OpenLane{lane.index, lane.bump}))};
}

Instruction close_lane(const Address& program, const Address& lane, const Address& owner,
                       const Address& destination) {
    return {program,
            {writable(lane), readonly_signer(owner), writable(destination)},
            expect(encode_instruction(CloseLane{}))};
}

Instruction set_lane_operator(const Address& program, const Address& lane, const Address& owner,
                              const Address& operator_address) {
    return {program,
            {writable(lane), readonly_signer(owner), readonly(operator_address)},
            expect(encode_instruction(SetLaneOperator{}))};
}

}  // namespace latchkey::solana::testing
