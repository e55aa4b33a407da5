// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/cbor.hpp"

#include "core/encoding/utf8.hpp"

namespace latchkey::core::webauthn {

namespace {

// CTAP 2.1 section 8 allows four levels of nesting.
constexpr unsigned kDepthMax = 4;

tl::unexpected<Error> malformed(const char* why) {
    return fail(ErrorCode::kMalformedCbor, why);
}

}  // namespace

Result<CborReader::Head> CborReader::read_head() {
    const auto initial = reader_.read_u8();
    if (!initial.has_value()) {
        return malformed("an item is missing");
    }
    const auto type = static_cast<CborType>(*initial >> 5);
    const unsigned info = *initial & 0x1f;
    if (info < 24) {
        return Head{type, info};
    }
    if (info > 27) {
        return malformed("an indefinite or reserved length");
    }
    const std::size_t width = std::size_t{1} << (info - 24);
    const auto bytes = reader_.read(width);
    if (!bytes.has_value()) {
        return malformed("a length is cut off");
    }
    std::uint64_t argument = 0;
    for (const std::uint8_t byte : *bytes) {
        argument = argument << 8 | byte;
    }
    // Below this the next shorter form would have done.
    const std::uint64_t least = width == 1 ? 24 : std::uint64_t{1} << width * 4;
    if (argument < least) {
        return malformed("a number is not in its shortest form");
    }
    return Head{type, argument};
}

Result<std::uint64_t> CborReader::read_head_of(CborType type) {
    LATCHKEY_TRY(const Head head, read_head());
    if (head.type != type) {
        return malformed("an item has an unexpected type");
    }
    return head.argument;
}

Result<std::int64_t> CborReader::read_integer() {
    LATCHKEY_TRY(const Head head, read_head());
    if (head.type != CborType::kUnsigned && head.type != CborType::kNegative) {
        return malformed("an integer is missing");
    }
    if (head.argument > INT64_MAX) {
        return malformed("an integer is out of range");
    }
    const auto magnitude = static_cast<std::int64_t>(head.argument);
    return head.type == CborType::kUnsigned ? magnitude : -1 - magnitude;
}

Result<ByteView> CborReader::read_bytes() {
    LATCHKEY_TRY(const std::uint64_t size, read_head_of(CborType::kBytes));
    const auto bytes = reader_.read(size);
    if (!bytes.has_value()) {
        return malformed("a byte string is cut off");
    }
    return *bytes;
}

Result<std::string_view> CborReader::read_text() {
    LATCHKEY_TRY(const std::uint64_t size, read_head_of(CborType::kText));
    const auto bytes = reader_.read(size);
    if (!bytes.has_value()) {
        return malformed("a text is cut off");
    }
    if (!is_valid_utf8(as_text(*bytes))) {
        return malformed("a text is not UTF-8");
    }
    return as_text(*bytes);
}

Result<std::uint64_t> CborReader::read_map() {
    return read_head_of(CborType::kMap);
}

Result<std::uint64_t> CborReader::read_array() {
    return read_head_of(CborType::kArray);
}

Result<ByteView> CborReader::read_item() {
    const ByteView before = reader_.rest();
    LATCHKEY_CHECK(skip_item(kDepthMax));
    return before.first(before.size() - reader_.remaining());
}

Result<void> CborReader::skip_item(unsigned depth_max) {
    CborReader peek = *this;
    LATCHKEY_TRY(const Head head, peek.read_head());
    switch (head.type) {
        case CborType::kUnsigned:
        case CborType::kNegative:
            LATCHKEY_CHECK(read_integer());
            return {};
        case CborType::kBytes:
            LATCHKEY_CHECK(read_bytes());
            return {};
        case CborType::kText:
            LATCHKEY_CHECK(read_text());
            return {};
        case CborType::kArray:
        case CborType::kMap:
            break;
        case CborType::kTag:
            return malformed("tags are not in the canonical subset");
        case CborType::kSimple:
            // Only false, true and null: what else there is has an argument of 23 (undefined) or,
            // being reserved or floating point, of 24 and above.
            if (head.argument < 20 || head.argument > 22) {
                return malformed("an unknown simple value");
            }
            LATCHKEY_CHECK(read_head());
            return {};
    }
    if (depth_max == 0) {
        return malformed("nested too deep");
    }
    LATCHKEY_CHECK(read_head());
    if (head.type == CborType::kMap) {
        return skip_map(head.argument, depth_max - 1);
    }
    // Every element takes at least a byte, so the loop ends with the input at the latest.
    for (std::uint64_t i = 0; i < head.argument; ++i) {
        LATCHKEY_CHECK(skip_item(depth_max - 1));
    }
    return {};
}

Result<void> CborReader::skip_map(std::uint64_t entries, unsigned depth_max) {
    ByteView previous;
    for (std::uint64_t i = 0; i < entries; ++i) {
        const ByteView before = reader_.rest();
        LATCHKEY_CHECK(skip_item(depth_max));
        const ByteView key = before.first(before.size() - reader_.remaining());
        // For canonical keys the order of CTAP2 (type, length, bytes) is that of the encoded bytes.
        if (i > 0 && !std::lexicographical_compare(previous.begin(), previous.end(), key.begin(),
                                                   key.end())) {
            return malformed("map keys are not ascending");
        }
        previous = key;
        LATCHKEY_CHECK(skip_item(depth_max));
    }
    return {};
}

void CborWriter::write_head(CborType type, std::uint64_t argument) {
    const auto initial = [type](unsigned info) {
        return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 5 | info);
    };
    if (argument < 24) {
        writer_.write_u8(initial(static_cast<unsigned>(argument)));
    } else if (argument <= UINT8_MAX) {
        writer_.write_u8(initial(24)).write_u8(static_cast<std::uint8_t>(argument));
    } else if (argument <= UINT16_MAX) {
        writer_.write_u8(initial(25)).write_u16_be(static_cast<std::uint16_t>(argument));
    } else if (argument <= UINT32_MAX) {
        writer_.write_u8(initial(26)).write_u32_be(static_cast<std::uint32_t>(argument));
    } else {
        writer_.write_u8(initial(27)).write_u64_be(argument);
    }
}

CborWriter& CborWriter::write_integer(std::int64_t value) {
    if (value >= 0) {
        write_head(CborType::kUnsigned, static_cast<std::uint64_t>(value));
    } else {
        write_head(CborType::kNegative, static_cast<std::uint64_t>(-1 - value));
    }
    return *this;
}

CborWriter& CborWriter::write_bytes(ByteView bytes) {
    write_head(CborType::kBytes, bytes.size());
    writer_.write(bytes);
    return *this;
}

CborWriter& CborWriter::write_text(std::string_view text) {
    write_head(CborType::kText, text.size());
    writer_.write(as_bytes(text));
    return *this;
}

CborWriter& CborWriter::write_map(std::uint64_t entries) {
    write_head(CborType::kMap, entries);
    return *this;
}

CborWriter& CborWriter::write_array(std::uint64_t entries) {
    write_head(CborType::kArray, entries);
    return *this;
}

CborWriter& CborWriter::write_item(ByteView item) {
    writer_.write(item);
    return *this;
}

}  // namespace latchkey::core::webauthn
