// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: people with keys, who approve actions of a wallet that the model follows.
#include <functional>
#include <stdexcept>

#include "chains/evm/wallet/model.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/webauthn/challenge.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::evm::wallet::testing {

/// How a configuration names a key, and what the key signs.
struct TestKey {
    core::Signer entry{};
    std::function<core::Evidence(const core::Digest&)> sign{};
};

inline core::Secret<32> test_secret(std::string_view name) {
    return core::Secret<32>::copy_of(core::crypto::sha256(core::as_bytes(name)).view()).value();
}

inline TestKey address_key(std::string_view name, bool is_personal = false) {
    const auto key = std::make_shared<core::crypto::Secp256k1PrivateKey>(
        core::crypto::Secp256k1PrivateKey::from_scalar(test_secret(name), core::Secret<32>())
            .value());
    return {is_personal ? core::Signer::secp256k1_eip191(key->address())
                        : core::Signer::secp256k1_eip712(key->address()),
            [key, is_personal](const core::Digest& digest) -> core::Evidence {
                return key->sign(is_personal ? core::eip191_digest(digest) : Hash32(digest.array()))
                    .value();
            }};
}

inline std::shared_ptr<core::crypto::P256PrivateKey> p256_of(std::string_view name) {
    return std::make_shared<core::crypto::P256PrivateKey>(
        core::crypto::P256PrivateKey::from_scalar(test_secret(name)).value());
}

inline TestKey p256_key(std::string_view name) {
    const auto key = p256_of(name);
    return {core::Signer::p256(key->public_key()),
            [key](const core::Digest& digest) -> core::Evidence {
                return key->sign(core::crypto::sha256(digest)).value();
            }};
}

/// A passkey of example.com, used at `origin`.
inline TestKey passkey(std::string_view name, const std::string& origin = "https://example.com") {
    const auto key = p256_of(name);
    const Hash32 rp_id_hash = core::crypto::sha256(core::as_bytes("example.com"));
    return {core::Signer::webauthn(key->public_key(), rp_id_hash, true),
            [key, rp_id_hash, origin](const core::Digest& digest) -> core::Evidence {
                core::webauthn::Assertion out;
                core::ByteWriter data;
                data.write(rp_id_hash).write_u8(0x1d).write_u32_be(0);
                out.authenticator_data = data.take();
                out.client_data_json =
                    R"({"type":"webauthn.get","challenge":")" +
                    core::webauthn::challenge_text_of_digest(Hash32(digest.array())) +
                    R"(","origin":")" + origin + R"(","crossOrigin":false})";
                out.signature = key->sign(core::webauthn::assertion_digest(out.authenticator_data,
                                                                           out.client_data_json))
                                    .value();
                return out;
            }};
}

/// A wallet, those who approve for it, and what its configuration is proved with.
class Author {
  public:
    Author(const Deployment& deployment, std::uint64_t chain, Bytes genesis,
           std::vector<TestKey> keys)
        : world(model::make_world(deployment, chain, genesis).value()),
          source(GenesisSource{std::move(genesis)}),
          keys_(std::move(keys)) {}

    /// The same for an account that adopts the genesis.
    void become(const Deployment& deployment, const Address& account) {
        world = model::make_account(deployment, world.chain, account);
    }

    model::World world;
    Source source;
    Bytes recovery_part{};
    model::Chain chain{};

    Authority shared(std::uint8_t rule) const { return {source, rule, {}}; }
    Authority recovery(std::uint8_t rule) const { return {source, rule, recovery_part}; }
    /// The session at this place of its rule's list.
    Authority session(std::uint8_t granting_rule, std::uint8_t place) const {
        const auto& state = *world.wallet.state;
        LocalSource out;
        out.rule_id = core::rule_id_of(state.shared, granting_rule).value();
        out.others = model::local_list(world, out.rule_id);
        const core::LocalRuleId id = out.others.at(place);
        out.others.erase(out.others.begin() + place);
        out.place = place;
        for (const auto& slot : state.slots) {
            if (slot && slot->id == id) {
                out.version = slot->version;
                out.local_rule = slot->local_rule;
            }
        }
        out.wallet_id = world.wallet.wallet_id;
        out.config_id = session_configs.at(id);
        return {out, 0, {}};
    }

    /// How many sessions of the first rule live.
    std::size_t session_places() const {
        const auto& shared = world.wallet.state->shared;
        return model::local_list(world, core::rule_id_of(shared, 0).value()).size();
    }

    /// Signed for the world as it is. `who`: indexes of signers, ascending.
    ApprovedAction approve(const Authority& authority, Body body, const std::vector<int>& who,
                           const Terms& terms = {}) const {
        ApprovedAction out{authority, terms, std::move(body), {}};
        const Scene scene{world.chain, world.address, world.wallet.wallet_id,
                          model::sequence_of(world, authority, terms), chain.sender};
        const core::Leaf leaf =
            leaf_of(leaf_for(authority, terms, out.body, scene).value()).value();
        sign(out.approvals, authority, core::approval_hash_of(leaf), who);
        return out;
    }

    void sign(Approvals& approvals, const Authority& authority, const core::ApprovalHash& hash,
              const std::vector<int>& who) const {
        sign(approvals, authority, core::digest_of(hash), who);
    }
    void sign(Approvals& approvals, const Authority& authority, const core::Digest& digest,
              const std::vector<int>& who) const {
        const auto signers = signers_of(authority).value();
        for (const int i : who) {
            const auto& signer = signers.at(static_cast<std::size_t>(i));
            approvals.approvers |= static_cast<std::uint16_t>(1U << i);
            approvals.evidence.push_back(approval_of(signer, key_of(signer).sign(digest)).value());
        }
    }

    /// Runs the action in the model and remembers how the new configuration is proved.
    core::Verdict run(const Action& action) {
        const core::ConfigId before = world.wallet.state->config_id;
        const auto versions = world.wallet.state->local_version;
        const core::Verdict verdict = model::apply(world, action, chain);
        if (verdict == core::Verdict::kAccepted) {
            follow(action, before);
            if (world.wallet.state->local_version != versions) {
                remember_sessions(before);
            }
        }
        return verdict;
    }

    /// Under which configuration each session was granted.
    std::map<core::LocalRuleId, core::ConfigId> session_configs{};

  private:
    const TestKey& key_of(const core::Signer& signer) const {
        for (const TestKey& key : keys_) {
            if (key.entry.key == signer.key) {
                return key;
            }
        }
        throw std::logic_error("nobody has this key");
    }

    void remember_sessions(const core::ConfigId& config_id) {
        for (const auto& slot : world.wallet.state->slots) {
            if (slot) {
                session_configs.emplace(slot->id, config_id);
            }
        }
    }

    void follow(const Action& action, const core::ConfigId& before) {
        const auto& state = *world.wallet.state;
        if (state.config_id == before) {
            return;
        }
        const auto* applied = std::get_if<ApplyAction>(&action);
        const auto* approved = std::get_if<ApprovedAction>(&action);
        if (applied == nullptr && approved == nullptr) {
            return;
        }
        const Body& body = applied != nullptr ? applied->body : approved->body;
        const Authority& authority = applied != nullptr ? applied->authority : approved->authority;
        if (const auto* recover = std::get_if<Recover>(&body)) {
            source = RecoverySource{state.shared, world.wallet.wallet_id,
                                    core::commitment_in(state.shared)->bytes(), authority.rule,
                                    recover->epoch};
        } else {
            source = PolicySource{state.shared, world.wallet.wallet_id, before};
        }
    }

    std::vector<TestKey> keys_;
};

}  // namespace latchkey::evm::wallet::testing
