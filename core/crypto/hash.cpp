// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hash.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "core/crypto/keccak256.hpp"

namespace latchkey::core::crypto {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching the algorithm and allocating the context cost more than hashing a short message, so the
// first is done once and the second once per thread.
EVP_MD_CTX* sha256_context() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    // Out of memory or an OpenSSL without SHA-256: nothing can work.
    if (context == nullptr || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1) {
        std::abort();
    }
    return context.get();
}

}  // namespace

Hash32 sha256(ByteView bytes) {
    return sha256(std::span<const ByteView>(&bytes, 1));
}

Hash32 sha256(std::span<const ByteView> parts) {
    EVP_MD_CTX* const context = sha256_context();
    for (const ByteView part : parts) {
        if (EVP_DigestUpdate(context, part.data(), part.size()) != 1) {
            std::abort();
        }
    }
    Hash32 hash;
    if (EVP_DigestFinal_ex(context, hash.data(), nullptr) != 1) {
        std::abort();
    }
    return hash;
}

Hash32 keccak256(ByteView bytes) {
    return keccak256(std::span<const ByteView>(&bytes, 1));
}

Hash32 keccak256(std::span<const ByteView> parts) {
    Keccak256State state;
    keccak256_init(&state);
    for (const ByteView part : parts) {
        keccak256_update(&state, part.data(), part.size());
    }
    Hash32 hash;
    keccak256_final(&state, hash.data());
    return hash;
}

}  // namespace latchkey::core::crypto
