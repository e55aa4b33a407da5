// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/model.hpp"
#include "tools/vectors/action_json.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

/// A vector of `wallets` in the making.
namespace latchkey::vectors {

/// Runs actions on a wallet and writes them down.
class Recorder {
  public:
    /// `now`: where the story's time begins.
    Recorder(std::string wallet, const Bytes& genesis, std::uint64_t now)
        : wallet_(std::move(wallet)),
          now_(now),
          world_(core::model::make_world(program_id(), genesis)) {
        world_.upgradeable_loader = hash_of("upgradeable loader");
        world_.reserved_targets = {hash_of("loader"), world_.upgradeable_loader};
    }

    const core::model::World& world() const { return world_; }
    const core::model::State& state() const { return *world_.state; }

    void step(const core::model::Action& action, Verdict expected, std::int64_t later = 0) {
        const std::uint64_t now = now_ + static_cast<std::uint64_t>(later);
        const Verdict actual = core::model::apply(world_, action, now);
        require(actual == expected, wallet_ + ", step " + std::to_string(steps_.size()) + ": " +
                                        std::string(core::verdict_name(actual)) + " instead of " +
                                        std::string(core::verdict_name(expected)));
        steps_.push_back(json::object{
            {"now", decimal(now)}, {"action", to_json(action)}, {"verdict", number_of(expected)}});
    }
    void accept(const core::model::Action& action, std::int64_t later = 0) {
        step(action, Verdict::kAccepted, later);
    }
    void create_state() { accept(core::model::CreateState{world_.genesis}); }

    json::object finish(const std::string& name) {
        json::array reserved;
        for (const Hash32& target : world_.reserved_targets) {
            reserved.push_back(hex(target));
        }
        return json::object{{"name", name + ", " + wallet_},
                            {"programId", hex(world_.program_id)},
                            {"genesis", hex(world_.genesis)},
                            {"reservedTargets", reserved},
                            {"upgradeableLoader", hex(world_.upgradeable_loader)},
                            {"steps", std::move(steps_)},
                            {"state", to_json(world_.state)},
                            {"lanes", to_json(world_.lanes)}};
    }

  private:
    std::string wallet_;
    std::uint64_t now_;
    core::model::World world_;
    json::array steps_;
};

}  // namespace latchkey::vectors
