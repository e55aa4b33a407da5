// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "database/database.hpp"

namespace latchkey::database {

/// The right to do something alone for a while, such as to send from one account.
struct Lease {
    std::string name;
    std::string holder;
    /// Grows by one with each new holder of the name and never shrinks: whoever shows a smaller one
    /// than was seen has lost the lease.
    std::int64_t token = 0;

    friend bool operator==(const Lease&, const Lease&) = default;
};

/// Makes the table of leases; see migrate().
Result<void> migrate_leases(Database& database);

/// The lease for `duration` (at least 1 ms, by the database's clock, which all replicas share), or
/// nothing while it is held, be it by a holder of the same name. Errors of Session.
Result<std::optional<Lease>> try_lease(Database& database, const std::string& name,
                                       const std::string& holder,
                                       std::chrono::milliseconds duration);
/// Held for `duration` from now. kLeaseLost if it ended before.
Result<void> renew(Database& database, const Lease& lease, std::chrono::milliseconds duration);
/// Ends it at once. kLeaseLost if it was not held any more.
Result<void> release(Database& database, const Lease& lease);
/// In the transaction that makes the change the lease is for: if this succeeds and the transaction
/// commits, nobody else had taken the lease before. Else kLeaseLost.
Result<void> check_held(Session& session, const Lease& lease);

}  // namespace latchkey::database
