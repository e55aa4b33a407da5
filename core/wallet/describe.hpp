// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/wallet/configuration.hpp"

/// Configurations in human words, to be read before they are approved.
namespace latchkey::core {

/// Names for what a configuration holds only as bytes. Anything unknown is shown as bytes.
struct Names {
    /// Relying party ids; a passkey of one of them is shown with its name.
    std::vector<std::string> relying_parties{};
    /// How the chain calls a rule's targets and the assets of its limits; null: as Solana does.
    std::string (*target_name)(const Hash32& address) = nullptr;
    std::string (*asset_name)(const Hash32& asset) = nullptr;
};

/// "2027-01-15 08:00:00 UTC", or the plain number beyond the year 9999.
std::string describe_time(std::uint64_t unix_seconds);

/// "9 days", "36 hours", "90 seconds": the largest unit that says it exactly.
std::string describe_duration(std::uint64_t seconds);

/// "passkey example.com 0309ab…", "ed25519 7xK…pQz, may pay fees".
std::string describe(const Signer& signer, const Names& names = {});

/// One sentence: "2 of 3 parties {…; …; …} may: execute any call, grant sessions". The keys of one
/// party are joined with " or ". `signers` must be those that the rule was made for.
std::string describe(const Rule& rule, const std::vector<Signer>& signers, const Names& names = {});

/// One line for each rule, then what else the configuration says, then its warnings.
std::string describe(const Configuration& configuration, const Names& names = {});
std::string describe(const LocalRule& local_rule, const Names& names = {});
/// One line for each rule, then what a recovery restores: the new signers are numbered from 1.
std::string describe(const RecoveryPart& part, const Names& names = {});

/// What becomes of `before`: lines that begin with "+ " or "- ", signers first. Empty when the two
/// are described alike.
std::vector<std::string> describe_change(const Configuration& before, const Configuration& next,
                                         const Names& names = {});

/// Where a configuration is weaker than its reader may think: a sentence for each. What its
/// recovery part says it does not know.
std::vector<std::string> warnings_of(const Configuration& configuration);
/// The same of a configuration and its recovery part together.
std::vector<std::string> warnings_of(const Configuration& configuration, const RecoveryPart& part);

}  // namespace latchkey::core
