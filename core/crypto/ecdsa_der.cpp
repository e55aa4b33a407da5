// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/ecdsa_der.hpp"

#include "core/encoding/byte_io.hpp"

namespace latchkey::core::crypto {

namespace {

constexpr std::uint8_t kTagSequence = 0x30;
constexpr std::uint8_t kTagInteger = 0x02;

tl::unexpected<Error> malformed(const char* why) {
    return fail(ErrorCode::kMalformedSignature, std::string("DER: ") + why);
}

/// Everything here is shorter than 128 bytes, so a length is always one byte.
Result<ByteView> read_value(ByteReader& reader, std::uint8_t expected_tag) {
    const auto tag = reader.read_u8();
    const auto length = reader.read_u8();
    if (!tag.has_value() || !length.has_value()) {
        return malformed("too short");
    }
    if (*tag != expected_tag) {
        return malformed("unexpected tag");
    }
    const auto value = reader.read(*length);
    if (!value.has_value()) {
        return malformed("a length points past the end");
    }
    return *value;
}

Result<void> read_integer(ByteReader& reader, std::span<std::uint8_t, 32> out) {
    LATCHKEY_TRY(ByteView digits, read_value(reader, kTagInteger));
    if (digits.empty()) {
        return malformed("empty integer");
    }
    if (digits[0] >= 0x80) {
        return malformed("negative integer");
    }
    if (digits[0] == 0 && digits.size() > 1) {
        if (digits[1] < 0x80) {
            return malformed("integer with a needless leading zero");
        }
        digits = digits.subspan(1);
    }
    if (digits.size() > 32) {
        return malformed("integer above 256 bits");
    }
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    std::copy(digits.begin(), digits.end(), out.end() - static_cast<std::ptrdiff_t>(digits.size()));
    return {};
}

/// Writes tag, length and the shortest form; returns the bytes written.
std::size_t write_integer(std::span<const std::uint8_t, 32> value, std::uint8_t* out) {
    std::size_t first = 0;
    while (first < 31 && value[first] == 0) {
        ++first;
    }
    const std::size_t sign = value[first] >= 0x80 ? 1 : 0;
    const std::size_t length = 32 - first + sign;
    out[0] = kTagInteger;
    out[1] = static_cast<std::uint8_t>(length);
    out[2] = 0;
    std::copy(value.begin() + static_cast<std::ptrdiff_t>(first), value.end(), out + 2 + sign);
    return 2 + length;
}

}  // namespace

Result<RawEcdsaSignature> ecdsa_signature_from_der(ByteView der) {
    ByteReader outer(der);
    LATCHKEY_TRY(const ByteView body, read_value(outer, kTagSequence));
    if (outer.remaining() != 0) {
        return malformed("bytes after the sequence");
    }
    ByteReader reader(body);
    RawEcdsaSignature signature;
    const std::span<std::uint8_t, 64> halves(signature);
    LATCHKEY_CHECK(read_integer(reader, halves.first<32>()));
    LATCHKEY_CHECK(read_integer(reader, halves.last<32>()));
    if (reader.remaining() != 0) {
        return malformed("bytes after s");
    }
    return signature;
}

std::size_t ecdsa_signature_to_der(std::span<const std::uint8_t, 64> signature,
                                   std::span<std::uint8_t, kEcdsaDerSizeMax> der) {
    std::size_t size = 2;
    size += write_integer(signature.first<32>(), der.data() + size);
    size += write_integer(signature.last<32>(), der.data() + size);
    der[0] = kTagSequence;
    der[1] = static_cast<std::uint8_t>(size - 2);
    return size;
}

Bytes ecdsa_signature_to_der(std::span<const std::uint8_t, 64> signature) {
    Bytes der(kEcdsaDerSizeMax);
    der.resize(ecdsa_signature_to_der(signature, std::span<std::uint8_t, kEcdsaDerSizeMax>(der)));
    return der;
}

}  // namespace latchkey::core::crypto
