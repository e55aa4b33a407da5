// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chains/solana/testing/native_world.hpp"
#include "core/wallet/model.hpp"

/// What core's model says of a Solana transaction: its bytes are read by the hosted decoders, its
/// signatures are held against digests that core makes, its calls are looked up among those whose
/// effect is known, and what comes out is an action of the model. No code of the program runs here.
namespace latchkey::solana::testing {

/// How an action is applied that waits.
struct Application {
    ApplyAction action;
    /// Of the wallet's instruction.
    std::vector<AccountMeta> accounts;
    /// That the state keeps.
    core::Hash32 digest;
};

/// One transaction.
struct Attempt {
    std::vector<Instruction> instructions;
    /// Position of the wallet program's instruction, or of the script that calls it.
    std::size_t wallet_index = 0;
    /// The wallet program's instruction inside the script at `wallet_index`.
    std::optional<Instruction> inner;
    /// Bytes or accounts were changed after they were made: which check answers is not asked.
    bool is_mutated = false;
    /// What it is, for people.
    std::string description;
    /// Its action, for the count.
    std::string action;
    /// That means the same on every chain.
    bool is_change = false;
    /// Of an action that its rule may keep.
    std::optional<Application> application;
};

/// What running a call does, known because the generator made it.
struct CallEffect {
    enum class Kind : std::uint8_t {
        kNothing,
        /// `from` is the vault.
        kLamports,
        kTokens,
        /// `to` becomes the delegate of `from` for that amount.
        kAuthority,
        /// The vault gets data.
        kVault,
        /// The program refuses.
        kFails,
    };
    Kind kind = Kind::kNothing;
    Address from;
    Address to;
    std::uint64_t amount = 0;
};

/// Calls by everything that they depend on.
class CallBook {
  public:
    void add(const Instruction& call, const CallEffect& effect) { effects_[key_of(call)] = effect; }
    const CallEffect* find(const Instruction& call) const {
        const auto found = effects_.find(key_of(call));
        return found == effects_.end() ? nullptr : &found->second;
    }

  private:
    static Bytes key_of(const Instruction& call);
    std::map<Bytes, CallEffect> effects_;
};

/// What is to come of a transaction.
struct Expectation {
    enum class Kind : std::uint8_t {
        /// `verdict`, and nothing else.
        kVerdict,
        /// Some refusal: which check is first is not modelled.
        kRefused,
        /// The runtime or a called program refuses.
        kRuntime,
        /// Nothing is known, because a call does what nobody predicted.
        kUnknown,
    };
    Kind kind = Kind::kUnknown;
    core::Verdict verdict = core::Verdict::kAccepted;
    /// A shape that a short way of the program may take: these look at some checks in another
    /// order.
    bool may_be_short = false;
    /// With kAccepted: lamports that accounts have afterwards, the fee payer's without its fee, and
    /// amounts of token accounts.
    std::map<Address, std::uint64_t> lamports;
    std::map<Address, std::uint64_t> tokens;
    /// Bytes of the state account: no more than it needs, or had.
    std::size_t state_size = 0;
    std::optional<Bytes> return_data;
};

/// For messages.
std::string name_of(const Expectation& expected);
/// Whether the program answered as expected; where several checks fail, a short way may have found
/// another one first.
bool meets(const Expectation& expected, const NativeResult& result);

/// The wallet of a differential test as the model sees it.
class ModelledWallet {
  public:
    ModelledWallet(const Forge& forge, core::Hash32 cluster);

    const core::model::World& world() const { return world_; }
    /// `chain`: before the transaction. Changes the model when it accepts.
    Expectation apply(const NativeChain& chain, const Address& payer, const Attempt& attempt,
                      const CallBook& book);
    /// Takes the state and all known lanes from the chain, after something unknown.
    void resync(const NativeChain& chain);
    /// Empty, or how state and lanes on chain differ from the model, byte for byte.
    std::string difference(const NativeChain& chain) const;
    /// A lane that may be opened.
    void know_lane(const ForgedLane& lane, const Address& owner);

  private:
    friend class Interpreter;
    struct KnownLane {
        ForgedLane lane;
        Address owner;
    };

    ForgedWallet wallet_;
    core::Hash32 cluster_;
    core::model::World world_;
    std::map<Address, KnownLane> lanes_;
};

}  // namespace latchkey::solana::testing
