// SPDX-License-Identifier: Apache-2.0
#include "database/connection.hpp"

namespace latchkey::database {

PooledConnection::~PooledConnection() {
    if (connection_ != nullptr) {
        pool_->give_back(std::move(connection_));
    }
}

Result<PooledConnection> Pool::acquire() {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, wait_, [&] { return lent_ < limit_; })) {
        return fail(ErrorCode::kDatabasePoolExhausted, std::to_string(limit_) + " in use for " +
                                                           std::to_string(wait_.count()) + " ms");
    }
    ++lent_;
    while (!idle_.empty()) {
        // The one used last: the others may grow old and are then replaced.
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        // Looking may ask the server, for which nobody else should wait.
        lock.unlock();
        if (connection->usable()) {
            return PooledConnection(this, std::move(connection));
        }
        connection.reset();
        lock.lock();
    }
    lock.unlock();
    auto connection = connect_();
    if (!connection.has_value()) {
        give_back(nullptr);
        return tl::unexpected(std::move(connection).error());
    }
    return PooledConnection(this, *std::move(connection));
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    if (connection != nullptr && !connection->usable()) {
        connection.reset();
    }
    {
        const std::lock_guard lock(mutex_);
        --lent_;
        if (connection != nullptr) {
            idle_.push_back(std::move(connection));
        }
    }
    freed_.notify_one();
}

}  // namespace latchkey::database
