// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chains/evm/client/abi.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm::abi {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kWord = 32;
constexpr std::size_t kTextMax = 4096;
constexpr std::size_t kDepthMax = 12;
constexpr std::uint32_t kFixedArrayMax = 1 << 16;
/// A static type may take this much, far more than a call can carry.
constexpr std::size_t kStaticBytesMax = 1 << 24;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

}  // namespace

/// Recursive descent over a bounded text.
class TypeParser {
  public:
    explicit TypeParser(std::string_view text) : text_(text) {}

    Result<Type> whole_type() {
        LATCHKEY_TRY(Type out, type(0));
        LATCHKEY_CHECK(expect_end());
        return out;
    }

    Result<Function> signature() {
        Function out;
        out.name = std::string(take_while(is_name_character));
        if (out.name.empty() || is_digit(out.name[0])) {
            return wrong("a name is expected");
        }
        if (!take('(')) {
            return wrong("'(' is expected");
        }
        LATCHKEY_TRY(out.inputs, list(0));
        LATCHKEY_CHECK(expect_end());
        const Hash32 hash = core::crypto::keccak256(core::as_bytes(text_));
        out.selector = Selector::from(hash.view().first<Selector::kSize>());
        return out;
    }

  private:
    tl::unexpected<core::Error> wrong(std::string_view what) const {
        return fail(ErrorCode::kInvalidAbiType,
                    std::string(what) + " at position " + std::to_string(at_));
    }

    bool take(char c) {
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }

    std::string_view take_while(bool (*belongs)(char)) {
        const std::size_t from = at_;
        while (at_ < text_.size() && belongs(text_[at_])) {
            ++at_;
        }
        return text_.substr(from, at_ - from);
    }

    Result<void> expect_end() const {
        if (text_.size() > kTextMax) {
            return fail(ErrorCode::kInvalidAbiType, "the text is too long");
        }
        if (at_ != text_.size()) {
            return wrong("the end is expected");
        }
        return {};
    }

    /// Up to five digits without leading zeros.
    Result<std::uint32_t> number(std::string_view digits) const {
        constexpr std::size_t kDigitsMax = 5;
        if (digits.empty() || digits.size() > kDigitsMax || digits[0] == '0') {
            return wrong("a number from 1 to 99999 without leading zeros is expected");
        }
        std::uint32_t out = 0;
        for (const char c : digits) {
            out = out * 10 + static_cast<std::uint32_t>(c - '0');
        }
        return out;
    }

    /// After '('; takes the ')'.
    Result<std::vector<Type>> list(std::size_t depth) {
        std::vector<Type> out;
        if (take(')')) {
            return out;
        }
        do {
            LATCHKEY_TRY(Type one, type(depth + 1));
            out.push_back(std::move(one));
        } while (take(','));
        if (!take(')')) {
            return wrong("',' or ')' is expected");
        }
        return out;
    }

    Result<Type> tuple(std::size_t depth) {
        Type out;
        out.kind_ = Type::Kind::kTuple;
        LATCHKEY_TRY(out.components_, list(depth));
        if (out.components_.empty()) {
            return wrong("a tuple has members");
        }
        out.static_bytes_ = 0;
        for (const Type& one : out.components_) {
            out.is_dynamic_ = out.is_dynamic_ || one.is_dynamic();
            out.static_bytes_ += one.head_bytes();
        }
        return out;
    }

    Result<Type> elementary() {
        Type out;
        const std::string_view word = take_while([](char c) { return c >= 'a' && c <= 'z'; });
        const std::string_view digits = take_while(is_digit);
        if (digits.empty()) {
            if (word == "address") {
                out.kind_ = Type::Kind::kAddress;
            } else if (word == "bool") {
                out.kind_ = Type::Kind::kBool;
            } else if (word == "bytes" || word == "string") {
                out.kind_ = word == "bytes" ? Type::Kind::kBytes : Type::Kind::kString;
                out.is_dynamic_ = true;
            } else {
                return wrong("'" + std::string(word.substr(0, 20)) + "' is no type");
            }
            return out;
        }
        LATCHKEY_TRY(out.size_, number(digits));
        constexpr std::uint32_t kBitsMax = 256;
        const bool is_bits = out.size_ % 8 == 0 && out.size_ <= kBitsMax;
        if (word == "uint" && is_bits) {
            out.kind_ = Type::Kind::kUint;
        } else if (word == "int" && is_bits) {
            out.kind_ = Type::Kind::kInt;
        } else if (word == "bytes" && out.size_ <= kWord) {
            out.kind_ = Type::Kind::kFixedBytes;
        } else {
            return wrong("no type of this width");
        }
        return out;
    }

    Result<Type> array_of(Type element) {
        Type out;
        if (take(']')) {
            out.kind_ = Type::Kind::kArray;
            out.is_dynamic_ = true;
        } else {
            out.kind_ = Type::Kind::kFixedArray;
            LATCHKEY_TRY(out.size_, number(take_while(is_digit)));
            if (!take(']') || out.size_ > kFixedArrayMax) {
                return wrong("']' after a length of at most 65536 is expected");
            }
            out.is_dynamic_ = element.is_dynamic();
            out.static_bytes_ = element.head_bytes() * out.size_;
        }
        out.components_.push_back(std::move(element));
        return out;
    }

    Result<Type> type(std::size_t depth) {
        if (depth > kDepthMax) {
            return wrong("nested too deep");
        }
        LATCHKEY_TRY(Type out, take('(') ? tuple(depth) : elementary());
        for (std::size_t dimensions = depth; take('['); ++dimensions) {
            if (dimensions == kDepthMax) {
                return wrong("nested too deep");
            }
            LATCHKEY_TRY(out, array_of(std::move(out)));
            if (out.static_bytes_ > kStaticBytesMax) {
                return wrong("the type is too large");
            }
        }
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Result<Type> parse_type(std::string_view text) {
    return TypeParser(text).whole_type();
}

Result<Function> parse_signature(std::string_view text) {
    return TypeParser(text).signature();
}

std::string to_string(const Type& type) {
    switch (type.kind()) {
        case Type::Kind::kUint:
            return "uint" + std::to_string(type.size());
        case Type::Kind::kInt:
            return "int" + std::to_string(type.size());
        case Type::Kind::kAddress:
            return "address";
        case Type::Kind::kBool:
            return "bool";
        case Type::Kind::kFixedBytes:
            return "bytes" + std::to_string(type.size());
        case Type::Kind::kBytes:
            return "bytes";
        case Type::Kind::kString:
            return "string";
        case Type::Kind::kTuple: {
            std::string out;
            for (const Type& one : type.components()) {
                out += (out.empty() ? "(" : ",") + to_string(one);
            }
            return out + ")";
        }
        case Type::Kind::kArray:
            return to_string(type.components()[0]) + "[]";
        case Type::Kind::kFixedArray:
            return to_string(type.components()[0]) + "[" + std::to_string(type.size()) + "]";
    }
    return {};
}

}  // namespace latchkey::evm::abi
