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
    std::vector<std::string> relying_parties;
};

/// "2027-01-15 08:00:00 UTC", or the plain number beyond the year 9999.
std::string describe_time(std::uint64_t unix_seconds);

/// "passkey example.com 0309ab…", "ed25519 7xK…pQz, may pay fees".
std::string describe(const Signer& signer, const Names& names = {});

/// One sentence: "2 of 3 parties {…; …; …} may: execute any call, grant sessions". The keys of one
/// party are joined with " or ". `signers` must be those that the rule was made for.
std::string describe(const Rule& rule, const std::vector<Signer>& signers, const Names& names = {});

/// One line for each rule, then what else the configuration says.
std::string describe(const Configuration& configuration, const Names& names = {});
std::string describe(const LocalRule& local_rule, const Names& names = {});

}  // namespace latchkey::core
