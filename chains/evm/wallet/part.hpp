// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/evm/client/address.hpp"
#include "core/wallet/configuration.hpp"

/// Configurations that nobody has judged, as far as they can be read.
namespace latchkey::evm::wallet {

/// Signers, and where what follows them begins.
struct SignerList {
    std::vector<core::Signer> signers{};
    /// Bytes behind the counts' place.
    std::size_t end = 0;
};

/// What the forms must know of a rule.
struct RuleShape {
    /// Times, a scope, limits or a wait.
    bool has_conditions = false;
    bool waits = false;
    std::size_t limits = 0;
};

/// Signers and rules.
struct PartShape {
    SignerList signers{};
    std::vector<RuleShape> rules{};
    /// Bytes from the counts to behind the last rule.
    std::size_t end = 0;
};

/// `part` begins with the counts. Errors: kUnexpectedEnd, kUnsupported (a kind that does not
/// exist).
Result<SignerList> read_signers(ByteView part);
/// Errors as above.
Result<PartShape> read_part(ByteView part);

}  // namespace latchkey::evm::wallet
