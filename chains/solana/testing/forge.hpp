// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "chains/solana/layout/instruction.hpp"
#include "chains/solana/layout/state.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "core/wallet/digest.hpp"
#include "core/wallet/identity.hpp"

/// Wallet transactions made field by field from the specification, valid or not: what the client
/// library refuses to build is what the program has to refuse. Knows no chain; whoever uses it says
/// what the chain holds. Errors are faults of the test and throw.
namespace latchkey::solana::testing {

/// Test keys by what a configuration says of them.
class Keyring {
  public:
    void add(const TestSigner& signer);
    /// Null when nobody has the key.
    const TestSigner* find(const core::Signer& entry) const;

  private:
    std::map<Bytes, TestSigner> signers_;
};

/// Where a wallet lives.
struct ForgedWallet {
    Address program;
    core::Hash32 cluster;
    Bytes genesis;
    core::WalletId wallet_id;
    Address vault;

    /// With the smallest salt.
    static ForgedWallet make(const core::Configuration& configuration, const Address& program,
                             const core::Hash32& cluster);
    Address state() const { return Address(wallet_id.array()); }
};

/// Who approves, and how.
struct ForgedApproval {
    std::uint8_t signer = 0;
    /// Evidence form of the instruction. Absent: the first that the signer's kind has (transaction
    /// signature, recover syscall, host).
    std::optional<std::uint64_t> form{};
    /// Of passkeys.
    PasskeyAnswer answer{};
    /// Made before, perhaps for another chain too. Absent: the key signs.
    std::optional<core::Evidence> evidence{};
};

/// One action, before it is approved.
struct Draft {
    bool from_genesis = true;
    RuleReference rule{};
    /// A transaction nonce without binding gets the right one when there is a state.
    Nonce nonce = TransactionNonce{};
    std::optional<std::uint64_t> deadline{};
    Body body = ExecuteBody{};
    std::vector<ForgedApproval> approvals = {{}};
    /// Behind the fixed ones. Accounts that are evidence are added when they are missing.
    std::vector<AccountMeta> accounts{};
    /// With a lane nonce.
    Address lane{};
    Address lane_operator{};
    bool operator_signs = true;
    /// The clock when the transaction runs: says which window a lane nonce means.
    std::uint64_t now = 0;
    /// 0: one leaf, no tree.
    std::uint8_t tree_height = 0;
    std::uint8_t tree_index = 0;
    /// Of a tree whose other leaves mean something, instead of the two above.
    std::optional<core::TreeProof> tree{};
    bool state_writable = true;
    bool vault_writable = true;
};

/// Precompiles, then the wallet's instruction.
struct Forged {
    std::vector<Instruction> instructions;
    ApprovedAction approved;
    core::Leaf leaf;
    core::Digest digest;

    Instruction& wallet() { return instructions.back(); }
    Bytes& data() { return instructions.back().data; }
};

struct ForgeOptions {
    /// Off: precompiles carry zeros for signatures, which a runtime that does not verify takes.
    bool signs = true;
};

/// The leaf of an action that means the same on every chain; absent for others.
std::optional<core::Leaf> change_leaf_of(const core::WalletId& wallet_id,
                                         const core::Hash32& parent, const SignedPart& part);

class Forge {
  public:
    Forge(ForgedWallet wallet, const Keyring& keyring, const ForgeOptions& options = {})
        : wallet_(std::move(wallet)), keyring_(keyring), options_(options) {}

    const ForgedWallet& wallet() const { return wallet_; }

    /// `state`: the wallet's state as it is, if it is initialised.
    Forged build(Draft draft, const std::optional<StateAccount>& state = std::nullopt) const;

    /// Signers of the rule's configuration (the local rule's own for a local rule).
    std::vector<core::Signer> signers_of(const Draft& draft,
                                         const std::optional<StateAccount>& state) const;
    /// The local rule's id, if the draft names one that exists.
    static std::optional<core::Hash32> local_rule_id(const Draft& draft,
                                                     const std::optional<StateAccount>& state);

    /// Instructions that nobody approves.
    Instruction create_state() const;

  private:
    ForgedWallet wallet_;
    const Keyring& keyring_;
    ForgeOptions options_;
};

/// Address and bump of a lane.
struct ForgedLane {
    Address address;
    std::uint8_t index = 0;
    std::uint8_t bump = 0;
};
ForgedLane find_lane(const Address& program, const Address& owner, std::uint8_t index);
Instruction open_lane(const Address& program, const ForgedLane& lane, const Address& owner,
                      const Address& operator_address);
Instruction close_lane(const Address& program, const Address& lane, const Address& owner,
                       const Address& destination);
Instruction set_lane_operator(const Address& program, const Address& lane, const Address& owner,
                              const Address& operator_address);

}  // namespace latchkey::solana::testing
