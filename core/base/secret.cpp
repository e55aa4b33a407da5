// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.hpp"

#include <sodium.h>

#include <cstdlib>
#include <utility>

namespace latchkey::core {

namespace {

std::uint8_t* allocate(std::size_t size) {
    // sodium_malloc needs the library initialised; the call is idempotent and thread-safe.
    if (sodium_init() < 0) {
        std::abort();
    }
    void* memory = sodium_malloc(size);
    if (memory == nullptr) {
        std::abort();
    }
    sodium_memzero(memory, size);
    return static_cast<std::uint8_t*>(memory);
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size)
    : data_(size == 0 ? nullptr : allocate(size)), size_(size) {}

SecretBytes::~SecretBytes() {
    // sodium_free wipes, unlocks and checks the guard canary.
    sodium_free(data_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    // The old bytes die here and now, not whenever `other` does.
    SecretBytes taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    return *this;
}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
    SecretBytes out(bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.expose_mutable().begin());
    return out;
}

SecretBytes SecretBytes::take(std::span<std::uint8_t> source) {
    SecretBytes out = copy_of(source);
    wipe(source);
    return out;
}

void SecretBytes::truncate(std::size_t size) {
    if (size > size_) {
        std::abort();
    }
    if (size < size_) {
        *this = copy_of(expose().first(size));
    }
}

void wipe(std::span<std::uint8_t> bytes) {
    sodium_memzero(bytes.data(), bytes.size());
}

bool constant_time_equal(ByteView a, ByteView b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace latchkey::core
