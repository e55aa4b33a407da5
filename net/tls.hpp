// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace latchkey::net {

/// TLS 1.2 or newer; the server's certificate chain and host name are always verified.
struct TlsOptions {
    /// Use the system's certificate store.
    bool use_system_roots = true;
    /// More trusted certificates, PEM, for private certificate authorities.
    std::string extra_roots_pem;
};

}  // namespace latchkey::net
