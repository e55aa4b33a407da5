// SPDX-License-Identifier: Apache-2.0
#include "core/base/error_code.hpp"

namespace latchkey::core {

namespace {

constexpr bool in_block(int number, int first) {
    return number >= first && number < first + 1000;
}

#define X(name, number, message) \
    static_assert(in_block(number, 1000) && sizeof(message) > 1, "core owns 1000-1999");
#include "core/base/error_codes/core.def"
#undef X
#define X(name, number, message)                                 \
    static_assert(in_block(number, 2000) && sizeof(message) > 1, \
                  "the Solana client owns 2000-2999");
#include "core/base/error_codes/solana.def"
#undef X
#define X(name, number, message) \
    static_assert(in_block(number, 3000) && sizeof(message) > 1, "net owns 3000-3999");
#include "core/base/error_codes/net.def"
#undef X
#define X(name, number, message) \
    static_assert(in_block(number, 4000) && sizeof(message) > 1, "signers own 4000-4999");
#include "core/base/error_codes/signers.def"
#undef X
#define X(name, number, message) \
    static_assert(in_block(number, 5000) && sizeof(message) > 1, "the CLI owns 5000-5999");
#include "core/base/error_codes/cli.def"
#undef X
#define X(name, number, message) \
    static_assert(in_block(number, 6000) && sizeof(message) > 1, "the EVM client owns 6000-6999");
#include "core/base/error_codes/evm.def"
#undef X
#define X(name, number, message) \
    static_assert(in_block(number, 7000) && sizeof(message) > 1, "the database owns 7000-7999");
#include "core/base/error_codes/database.def"
#undef X

}  // namespace

// Two rows with one number would be two equal case labels, which the compiler refuses.
std::string_view error_name(ErrorCode code) {
    switch (code) {
#define X(name, number, message) \
    case ErrorCode::name:        \
        return std::string_view(#name).substr(1);
#include "core/base/error_codes/cli.def"
#include "core/base/error_codes/core.def"
#include "core/base/error_codes/database.def"
#include "core/base/error_codes/evm.def"
#include "core/base/error_codes/net.def"
#include "core/base/error_codes/signers.def"
#include "core/base/error_codes/solana.def"
#undef X
    }
    return "Unknown";
}

std::string_view error_message(ErrorCode code) {
    switch (code) {
#define X(name, number, message) \
    case ErrorCode::name:        \
        return message;
#include "core/base/error_codes/cli.def"
#include "core/base/error_codes/core.def"
#include "core/base/error_codes/database.def"
#include "core/base/error_codes/evm.def"
#include "core/base/error_codes/net.def"
#include "core/base/error_codes/signers.def"
#include "core/base/error_codes/solana.def"
#undef X
    }
    return "This error number is not known to this version.";
}

}  // namespace latchkey::core
