// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.hpp"

namespace latchkey::core {

std::string Error::to_string() const {
    std::string text = "LK-" + std::to_string(error_number(code)) + " ";
    text += error_message(code);
    if (!context.empty()) {
        text += " (" + context + ")";
    }
    return text;
}

tl::unexpected<Error> fail(std::string_view context, const Error& cause) {
    std::string joined(context);
    if (!cause.context.empty()) {
        joined += ": " + cause.context;
    }
    return tl::unexpected<Error>(Error{cause.code, std::move(joined)});
}

}  // namespace latchkey::core
