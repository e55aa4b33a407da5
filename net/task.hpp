// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

/// Executor, coroutine and deadline vocabulary of everything that does I/O.
///
/// Threading: one io_context per thread. An object of this library belongs to the executor it was
/// made with and must be used from that executor's thread only; nothing here takes a lock.
///
/// Coroutines: name a lambda with captures or an aggregate before it appears in a co_await
/// expression. Compilers have destroyed such temporaries twice.
namespace latchkey::net {

template <typename T>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

}  // namespace latchkey::net
