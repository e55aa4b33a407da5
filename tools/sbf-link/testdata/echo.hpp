// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming): the VM's name
uint64_t sol_log_(const char* text, uint64_t size);
uint64_t sol_set_return_data(const uint8_t* bytes, uint64_t size);

uint64_t add_shared(uint64_t left, uint64_t right);
uint64_t slot_byte(uint64_t position);
}

struct Step {
    virtual uint64_t apply(uint64_t value) const = 0;

  protected:
    ~Step() = default;
};
