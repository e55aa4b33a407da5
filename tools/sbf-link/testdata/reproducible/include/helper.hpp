// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

inline constexpr uint64_t kOffset = 1000;

extern "C" uint64_t helper(uint64_t value);
extern "C" uint64_t sol_log_(const char* text, uint64_t size);
