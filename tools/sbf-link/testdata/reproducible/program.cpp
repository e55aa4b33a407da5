// SPDX-License-Identifier: Apache-2.0
#include "include/helper.hpp"

extern "C" uint64_t entrypoint(const uint8_t* input) {
    sol_log_(__FILE__, sizeof(__FILE__) - 1);
    return helper(input[0]);
}
