// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/abi.hpp"

#include <algorithm>

#include "core/encoding/hex.hpp"
#include "core/encoding/utf8.hpp"

namespace latchkey::evm::abi {

using core::ErrorCode;
using core::fail;

namespace {

using Kind = Type::Kind;
constexpr std::size_t kWord = 32;
constexpr unsigned kWordBits = 256;

constexpr std::size_t padded(std::size_t size) {
    return (size + kWord - 1) / kWord * kWord;
}

tl::unexpected<core::Error> mismatch(const Type& type, std::string_view why) {
    return fail(ErrorCode::kAbiValueMismatch, to_string(type) + ": " + std::string(why));
}

/// Whether the two's complement of 256 bits fits the number of bits, sign included.
bool fits_signed(const Uint256& value, unsigned bits) {
    const bool is_negative = value.bit_length() == kWordBits;
    const Uint256 magnitude = is_negative ? *subtract(Uint256::max(), value) : value;
    return magnitude.bit_length() < bits;
}

bool fits(const Type& type, const Uint256& value) {
    return type.kind() == Kind::kUint ? value.bit_length() <= type.size()
                                      : fits_signed(value, type.size());
}

/// What a tuple or array consists of: as many types as members, or one for all.
class Members {
  public:
    Members(std::span<const Type> types, std::size_t count) : types_(types), count_(count) {}
    explicit Members(std::span<const Type> types) : Members(types, types.size()) {}
    static Members of(const Type& composite, std::size_t length) {
        return composite.kind() == Kind::kTuple ? Members(composite.components())
                                                : Members(composite.components(), length);
    }

    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] const Type& operator[](std::size_t index) const {
        return types_[types_.size() == count_ ? index : 0];
    }
    [[nodiscard]] std::size_t head_bytes() const {
        if (types_.size() != count_) {
            return types_[0].head_bytes() * count_;
        }
        std::size_t out = 0;
        for (const Type& one : types_) {
            out += one.head_bytes();
        }
        return out;
    }

  private:
    std::span<const Type> types_;
    std::size_t count_;
};

Result<void> write(Bytes& out, const Type& type, const Value& value);

Result<void> write_members(Bytes& out, const Members& members, std::span<const Value> values) {
    Bytes tails;
    const std::size_t head = members.head_bytes();
    for (std::size_t i = 0; i < members.count(); ++i) {
        if (!members[i].is_dynamic()) {
            LATCHKEY_CHECK(write(out, members[i], values[i]));
            continue;
        }
        core::append(out, Uint256(head + tails.size()).to_word());
        LATCHKEY_CHECK(write(tails, members[i], values[i]));
    }
    core::append(out, tails);
    return {};
}

Result<void> write_text(Bytes& out, ByteView text) {
    core::append(out, Uint256(text.size()).to_word());
    core::append(out, text);
    out.resize(out.size() + padded(text.size()) - text.size());
    return {};
}

Result<void> write(Bytes& out, const Type& type, const Value& value) {
    switch (type.kind()) {
        case Kind::kBytes:
            if (const auto* bytes = std::get_if<Bytes>(&value)) {
                return write_text(out, *bytes);
            }
            return mismatch(type, "bytes are expected");
        case Kind::kString: {
            const auto* text = std::get_if<std::string>(&value);
            if (text == nullptr || !core::is_valid_utf8(*text)) {
                return mismatch(type, "UTF-8 text is expected");
            }
            return write_text(out, core::as_bytes(*text));
        }
        case Kind::kTuple:
        case Kind::kArray:
        case Kind::kFixedArray: {
            const auto* values = std::get_if<Values>(&value);
            if (values == nullptr) {
                return mismatch(type, "a list of values is expected");
            }
            const std::size_t length =
                type.kind() == Kind::kFixedArray ? type.size() : values->size();
            const Members members = Members::of(type, length);
            if (members.count() != values->size()) {
                return mismatch(type, std::to_string(values->size()) + " values");
            }
            if (type.kind() == Kind::kArray) {
                core::append(out, Uint256(length).to_word());
            }
            return write_members(out, members, *values);
        }
        default: {
            LATCHKEY_TRY(const Hash32 word, encode_word(type, value));
            core::append(out, word);
            return {};
        }
    }
}

/// A value and how many bytes it took.
struct Read {
    Value value;
    std::size_t size = 0;
};

Result<Read> read(const Type& type, ByteView frame);

tl::unexpected<core::Error> not_canonical(const Type& type, std::string_view why) {
    return fail(ErrorCode::kNonCanonical, to_string(type) + ": " + std::string(why));
}

Result<Uint256> read_number(ByteView frame) {
    if (frame.size() < kWord) {
        return fail(ErrorCode::kUnexpectedEnd, "a word of 32 bytes is expected");
    }
    return Uint256::from_big_endian(frame.first(kWord));
}

/// A length in front of that many items of `item_bytes` each; checked before anything is reserved.
Result<std::size_t> read_length(const Type& type, ByteView frame, std::size_t item_bytes) {
    LATCHKEY_TRY(const Uint256 length, read_number(frame));
    if (length > Uint256((frame.size() - kWord) / item_bytes)) {
        return fail(ErrorCode::kUnexpectedEnd,
                    to_string(type) + " of length " + length.to_decimal());
    }
    return static_cast<std::size_t>(*length.to_u64());
}

/// Every part must lie exactly where write_members puts it, so the work is linear in the input.
Result<Read> read_members(const Members& members, ByteView frame) {
    std::size_t head = 0;
    std::size_t tail = members.head_bytes();
    if (frame.size() < tail) {
        return fail(ErrorCode::kUnexpectedEnd,
                    std::to_string(tail) + " bytes of heads are expected");
    }
    Values values;
    values.reserve(members.count());
    for (std::size_t i = 0; i < members.count(); ++i) {
        const Type& type = members[i];
        if (type.is_dynamic()) {
            LATCHKEY_TRY(const Uint256 offset, read_number(frame.subspan(head)));
            if (offset != Uint256(tail)) {
                return not_canonical(type, "the offset is not where the value belongs");
            }
        }
        const std::size_t from = type.is_dynamic() ? tail : head;
        LATCHKEY_TRY(Read one, read(type, frame.subspan(from)));
        values.push_back(std::move(one.value));
        head += type.head_bytes();
        tail += type.is_dynamic() ? one.size : 0;
    }
    return Read{std::move(values), tail};
}

Result<Read> read_text(const Type& type, ByteView frame) {
    LATCHKEY_TRY(const std::size_t length, read_length(type, frame, 1));
    const ByteView rest = frame.subspan(kWord);
    if (rest.size() < padded(length)) {
        return fail(ErrorCode::kUnexpectedEnd, to_string(type) + ": padding is missing");
    }
    const ByteView padding = rest.subspan(length, padded(length) - length);
    if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b != 0; })) {
        return not_canonical(type, "padding is not zero");
    }
    const ByteView text = rest.first(length);
    const std::size_t size = kWord + padded(length);
    if (type.kind() == Kind::kBytes) {
        return Read{core::to_bytes(text), size};
    }
    if (!core::is_valid_utf8(core::as_text(text))) {
        return not_canonical(type, "not UTF-8");
    }
    return Read{std::string(core::as_text(text)), size};
}

Result<Value> read_word(const Type& type, ByteView word) {
    LATCHKEY_TRY(const Uint256 number, Uint256::from_big_endian(word));
    switch (type.kind()) {
        case Kind::kAddress:
            if (number.bit_length() > Address::kSize * 8) {
                return not_canonical(type, "padding is not zero");
            }
            return Value(*Address::from(word.last(Address::kSize)));
        case Kind::kBool:
            if (number > Uint256(1)) {
                return not_canonical(type, "neither 0 nor 1");
            }
            return Value(!number.is_zero());
        case Kind::kFixedBytes: {
            const ByteView padding = word.subspan(type.size());
            if (std::any_of(padding.begin(), padding.end(), [](auto b) { return b != 0; })) {
                return not_canonical(type, "padding is not zero");
            }
            return Value(core::to_bytes(word.first(type.size())));
        }
        default:
            if (!fits(type, number)) {
                return fail(ErrorCode::kOutOfRange, to_string(type) + ": " + number.to_quantity());
            }
            return Value(number);
    }
}

Result<Read> read(const Type& type, ByteView frame) {
    switch (type.kind()) {
        case Kind::kBytes:
        case Kind::kString:
            return read_text(type, frame);
        case Kind::kTuple:
        case Kind::kFixedArray:
            return read_members(Members::of(type, type.size()), frame);
        case Kind::kArray: {
            const std::size_t item_bytes = type.components()[0].head_bytes();
            LATCHKEY_TRY(const std::size_t length, read_length(type, frame, item_bytes));
            LATCHKEY_TRY(Read out, read_members(Members::of(type, length), frame.subspan(kWord)));
            out.size += kWord;
            return out;
        }
        default: {
            if (frame.size() < kWord) {
                return fail(ErrorCode::kUnexpectedEnd, to_string(type));
            }
            LATCHKEY_TRY(Value value, read_word(type, frame.first(kWord)));
            return Read{std::move(value), kWord};
        }
    }
}

}  // namespace

Result<Hash32> encode_word(const Type& type, const Value& value) {
    switch (type.kind()) {
        case Kind::kUint:
        case Kind::kInt: {
            const auto* number = std::get_if<Uint256>(&value);
            if (number == nullptr || !fits(type, *number)) {
                return mismatch(type, "a number in its range is expected");
            }
            return number->to_word();
        }
        case Kind::kAddress: {
            const auto* address = std::get_if<Address>(&value);
            if (address == nullptr) {
                return mismatch(type, "an address is expected");
            }
            Hash32 out;
            std::copy(address->begin(), address->end(), out.end() - Address::kSize);
            return out;
        }
        case Kind::kBool: {
            const auto* flag = std::get_if<bool>(&value);
            if (flag == nullptr) {
                return mismatch(type, "true or false is expected");
            }
            return Uint256(*flag ? 1 : 0).to_word();
        }
        case Kind::kFixedBytes: {
            const auto* bytes = std::get_if<Bytes>(&value);
            if (bytes == nullptr || bytes->size() != type.size()) {
                return mismatch(type, "that many bytes are expected");
            }
            Hash32 out;
            std::copy(bytes->begin(), bytes->end(), out.begin());
            return out;
        }
        default:
            return mismatch(type, "not a single word");
    }
}

Result<Bytes> encode(std::span<const Type> types, std::span<const Value> values) {
    if (types.size() != values.size()) {
        return fail(ErrorCode::kAbiValueMismatch, std::to_string(values.size()) + " values for " +
                                                      std::to_string(types.size()) + " types");
    }
    Bytes out;
    LATCHKEY_CHECK(write_members(out, Members(types), values));
    return out;
}

Result<Values> decode(std::span<const Type> types, ByteView bytes) {
    LATCHKEY_TRY(Read all, read_members(Members(types), bytes));
    if (all.size != bytes.size()) {
        return fail(ErrorCode::kTrailingBytes,
                    std::to_string(bytes.size() - all.size) + " bytes after the last value");
    }
    return std::get<Values>(std::move(all.value));
}

Result<Bytes> encode_call(const Function& function, std::span<const Value> values) {
    auto arguments = encode(function.inputs, values);
    if (!arguments) {
        return fail(function.name, arguments.error());
    }
    return core::concat(function.selector, *arguments);
}

Result<Values> decode_call(const Function& function, ByteView bytes) {
    if (bytes.size() < Selector::kSize ||
        !core::equal(bytes.first(Selector::kSize), function.selector)) {
        return fail(ErrorCode::kInvalidArgument, "not a call of " + function.name);
    }
    return decode(function.inputs, bytes.subspan(Selector::kSize));
}

}  // namespace latchkey::evm::abi
