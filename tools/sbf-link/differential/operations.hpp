// SPDX-License-Identifier: Apache-2.0
// One source for two machines: every operation is compiled for the host and for sBPF, and must give
// the same value for the same two operands. They cover what the compiler's BPF back end and the VM
// could understand differently: widths, signs, shifts, divisions, comparisons, byte order, memory,
// calls with narrow arguments, tables.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace latchkey::sbf_link::differential {

using Function = uint64_t (*)(uint64_t, uint64_t);

struct Operation {
    const char* name;
    Function function;
};

// The value as 64 bits, extended by its own sign.
template <typename Type>
constexpr uint64_t widen(Type value) {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
}
template <>
constexpr uint64_t widen(uint64_t value) {
    return value;
}
template <>
constexpr uint64_t widen(uint32_t value) {
    return value;
}

template <typename Type>
struct Unsigned;
template <>
struct Unsigned<int8_t> {
    using type = uint8_t;
};
template <>
struct Unsigned<int16_t> {
    using type = uint16_t;
};
template <>
struct Unsigned<int32_t> {
    using type = uint32_t;
};
template <>
struct Unsigned<int64_t> {
    using type = uint64_t;
};

inline constexpr int kBitsPerByte = 8;
template <typename Type>
inline constexpr unsigned kShiftMask = sizeof(Type) * kBitsPerByte - 1;

// Arithmetic on an unsigned type; the result is cut to the type, so nothing overflows.
struct Add {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a + b);
    }
};
struct Subtract {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a - b);
    }
};
struct Multiply {
    template <typename Type>
    static Type of(Type a, Type b) {
        // Through 64 bits: uint16_t times uint16_t would be a signed int.
        return static_cast<Type>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    }
};
struct MultiplyAdd {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(static_cast<uint64_t>(a) * 0x9e3779b1U + b);
    }
};
struct And {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a & b);
    }
};
struct Or {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a | b);
    }
};
struct Xor {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a ^ b);
    }
};
struct Negate {
    template <typename Type>
    static Type of(Type a, Type) {
        return static_cast<Type>(0U - a);
    }
};
struct Complement {
    template <typename Type>
    static Type of(Type a, Type) {
        return static_cast<Type>(~a);
    }
};
struct ShiftLeft {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(static_cast<uint64_t>(a) << (b & kShiftMask<Type>));
    }
};
struct ShiftRight {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a >> (b & kShiftMask<Type>));
    }
};
struct ShiftByConstants {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>((static_cast<uint64_t>(a) << 3) ^ (b >> 5) ^
                                 (a >> kShiftMask<Type>));
    }
};
struct RotateLeft {
    template <typename Type>
    static Type of(Type a, Type b) {
        const unsigned count = b & kShiftMask<Type>;
        const unsigned back = (kShiftMask<Type> + 1 - count) & kShiftMask<Type>;
        return static_cast<Type>((static_cast<uint64_t>(a) << count) | (a >> back));
    }
};
struct Divide {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(static_cast<uint64_t>(a) / (b == 0 ? 1U : b));
    }
};
struct Remainder {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(static_cast<uint64_t>(a) % (b == 0 ? 7U : b));
    }
};
struct DivideByConstants {
    template <typename Type>
    static Type of(Type a, Type b) {
        const auto left = static_cast<uint64_t>(a);
        const auto right = static_cast<uint64_t>(b);
        return static_cast<Type>(left / 3 + left % 10 + right / 100 + right % 127);
    }
};
struct Minimum {
    template <typename Type>
    static Type of(Type a, Type b) {
        return a < b ? a : b;
    }
};
struct SaturatingAdd {
    template <typename Type>
    static Type of(Type a, Type b) {
        Type sum;
        return __builtin_add_overflow(a, b, &sum) ? static_cast<Type>(~Type{0}) : sum;
    }
};
struct SaturatingSubtract {
    template <typename Type>
    static Type of(Type a, Type b) {
        Type difference;
        return __builtin_sub_overflow(a, b, &difference) ? Type{0} : difference;
    }
};
struct Average {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>((a & b) + ((a ^ b) >> 1));
    }
};

// Operations on a signed type; those that could overflow go through the unsigned one.
struct SignedAdd {
    template <typename Type>
    static Type of(Type a, Type b) {
        using Bits = typename Unsigned<Type>::type;
        return static_cast<Type>(static_cast<Bits>(static_cast<Bits>(a) + static_cast<Bits>(b)));
    }
};
struct SignedSubtract {
    template <typename Type>
    static Type of(Type a, Type b) {
        using Bits = typename Unsigned<Type>::type;
        return static_cast<Type>(static_cast<Bits>(static_cast<Bits>(a) - static_cast<Bits>(b)));
    }
};
struct SignedMultiply {
    template <typename Type>
    static Type of(Type a, Type b) {
        using Bits = typename Unsigned<Type>::type;
        return static_cast<Type>(
            static_cast<Bits>(static_cast<uint64_t>(static_cast<Bits>(a)) * static_cast<Bits>(b)));
    }
};
struct SignedShiftRight {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>(a >> (static_cast<unsigned>(b) & kShiftMask<Type>));
    }
};
struct SignedShiftByConstant {
    template <typename Type>
    static Type of(Type a, Type b) {
        return static_cast<Type>((a >> 3) ^ (b >> kShiftMask<Type>));
    }
};
struct Absolute {
    template <typename Type>
    static Type of(Type a, Type) {
        using Bits = typename Unsigned<Type>::type;
        return static_cast<Type>(a < 0 ? static_cast<Bits>(0U - static_cast<Bits>(a))
                                       : static_cast<Bits>(a));
    }
};
struct SignedClamp {
    template <typename Type>
    static Type of(Type a, Type b) {
        return a < -100 ? Type{-100} : a > 100 ? Type{100} : b < 0 ? Type{0} : a;
    }
};
struct SignedOverflow {
    template <typename Type>
    static Type of(Type a, Type b) {
        Type sum;
        Type difference;
        const bool sum_overflows = __builtin_add_overflow(a, b, &sum);
        const bool difference_overflows = __builtin_sub_overflow(a, b, &difference);
        const int code = (sum_overflows ? 1 : 2) + (difference_overflows ? 16 : 32);
        return static_cast<Type>(code);
    }
};

template <typename Type, typename Kind>
uint64_t apply(uint64_t a, uint64_t b) {
    return widen(Kind::of(static_cast<Type>(a), static_cast<Type>(b)));
}

// One bit for each comparison, by branches and by values.
template <typename Type>
uint64_t compare(uint64_t a, uint64_t b) {
    const auto left = static_cast<Type>(a);
    const auto right = static_cast<Type>(b);
    uint64_t bits = 0;
    bits |= static_cast<uint64_t>(left == right) << 0 | static_cast<uint64_t>(left != right) << 1;
    bits |= static_cast<uint64_t>(left < right) << 2 | static_cast<uint64_t>(left <= right) << 3;
    bits |= static_cast<uint64_t>(left > right) << 4 | static_cast<uint64_t>(left >= right) << 5;
    bits |= static_cast<uint64_t>(left < 17) << 6 | static_cast<uint64_t>(left > 99) << 7;
    return bits;
}

template <typename Type>
uint64_t branch(uint64_t a, uint64_t b) {
    const auto left = static_cast<Type>(a);
    const auto right = static_cast<Type>(b);
    if (left == right) {
        return a * 3;
    }
    if (left < right) {
        return (left & 4) != 0 ? b + 11 : b + 13;
    }
    if (left <= static_cast<Type>(static_cast<uint64_t>(right) + 5)) {
        return a ^ 0x55;
    }
    return left >= 64 ? a - b : b - a;
}

// Calls whose parameters and results are narrower than a register.
template <typename Type>
[[gnu::noinline]] Type narrow_callee(Type a, Type b) {
    // The branch keeps the compiler from seeing through the call.
    return b > 3 ? static_cast<Type>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b))
                 : static_cast<Type>(a ^ 0x5a);
}
template <typename Type>
uint64_t narrow_call(uint64_t a, uint64_t b) {
    return widen(narrow_callee<Type>(static_cast<Type>(a), static_cast<Type>(b)));
}

// A store of one width, read back as bytes, and the reverse; at odd addresses too.
template <typename Type>
uint64_t memory(uint64_t a, uint64_t b) {
    volatile uint8_t bytes[24] = {};
    const size_t at = b % 8;
    const auto value = static_cast<Type>(a);
    for (size_t index = 0; index < sizeof(Type); ++index) {
        bytes[at + index] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * index));
    }
    Type read;
    __builtin_memcpy(&read, const_cast<const uint8_t*>(bytes + at), sizeof(Type));
    uint64_t result = widen(read);
    const auto changed = static_cast<Type>(read ^ static_cast<Type>(b));
    __builtin_memcpy(const_cast<uint8_t*>(bytes + 8 + at), &changed, sizeof(Type));
    for (size_t index = 0; index < 24; ++index) {
        result = result * 31 + bytes[index];
    }
    return result;
}

template <typename Type>
uint64_t memory_aligned(uint64_t a, uint64_t b) {
    volatile Type values[4] = {static_cast<Type>(a), static_cast<Type>(b),
                               static_cast<Type>(a >> 7), static_cast<Type>(b >> 9)};
    values[a % 4] = static_cast<Type>(static_cast<uint64_t>(values[b % 4]) + 1);
    uint64_t result = 0;
    for (size_t index = 0; index < 4; ++index) {
        result = result * 0x100000001b3 + widen(static_cast<Type>(values[index]));
    }
    return result;
}

#define LATCHKEY_UNSIGNED_OPERATIONS(Type)                                                       \
    {"add " #Type, apply<Type, Add>}, {"subtract " #Type, apply<Type, Subtract>},                \
        {"multiply " #Type, apply<Type, Multiply>},                                              \
        {"multiply_add " #Type, apply<Type, MultiplyAdd>}, {"and " #Type, apply<Type, And>},     \
        {"or " #Type, apply<Type, Or>}, {"xor " #Type, apply<Type, Xor>},                        \
        {"negate " #Type, apply<Type, Negate>}, {"complement " #Type, apply<Type, Complement>},  \
        {"shift_left " #Type, apply<Type, ShiftLeft>},                                           \
        {"shift_right " #Type, apply<Type, ShiftRight>},                                         \
        {"shift_by_constants " #Type, apply<Type, ShiftByConstants>},                            \
        {"rotate_left " #Type, apply<Type, RotateLeft>}, {"divide " #Type, apply<Type, Divide>}, \
        {"remainder " #Type, apply<Type, Remainder>},                                            \
        {"divide_by_constants " #Type, apply<Type, DivideByConstants>},                          \
        {"minimum " #Type, apply<Type, Minimum>},                                                \
        {"saturating_add " #Type, apply<Type, SaturatingAdd>},                                   \
        {"saturating_subtract " #Type, apply<Type, SaturatingSubtract>}, {                       \
        "average " #Type, apply<Type, Average>                                                   \
    }

#define LATCHKEY_SIGNED_OPERATIONS(Type)                                                        \
    {"add " #Type, apply<Type, SignedAdd>}, {"subtract " #Type, apply<Type, SignedSubtract>},   \
        {"multiply " #Type, apply<Type, SignedMultiply>},                                       \
        {"shift_right " #Type, apply<Type, SignedShiftRight>},                                  \
        {"shift_by_constant " #Type, apply<Type, SignedShiftByConstant>},                       \
        {"absolute " #Type, apply<Type, Absolute>}, {"clamp " #Type, apply<Type, SignedClamp>}, \
        {"minimum " #Type, apply<Type, Minimum>}, {                                             \
        "overflow " #Type, apply<Type, SignedOverflow>                                          \
    }

#define LATCHKEY_COMMON_OPERATIONS(Type)                                              \
    {"compare " #Type, compare<Type>}, {"branch " #Type, branch<Type>},               \
        {"narrow_call " #Type, narrow_call<Type>}, {"memory " #Type, memory<Type>}, { \
        "memory_aligned " #Type, memory_aligned<Type>                                 \
    }

// ---- Operations that are not one for each type.

inline uint64_t byte_swap_16(uint64_t a, uint64_t) {
    return __builtin_bswap16(static_cast<uint16_t>(a));
}
inline uint64_t byte_swap_32(uint64_t a, uint64_t) {
    return __builtin_bswap32(static_cast<uint32_t>(a));
}
inline uint64_t byte_swap_64(uint64_t a, uint64_t) {
    return __builtin_bswap64(a);
}
inline uint64_t leading_zeros(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(__builtin_clzll(a | 1)) * 64 +
           static_cast<uint64_t>(__builtin_clz(static_cast<unsigned>(b) | 1U));
}
inline uint64_t trailing_zeros(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(__builtin_ctzll(a | uint64_t{1} << 63)) * 64 +
           static_cast<uint64_t>(__builtin_ctz(static_cast<unsigned>(b) | 1U << 31));
}
inline uint64_t population(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(__builtin_popcountll(a)) * 64 +
           static_cast<uint64_t>(__builtin_popcount(static_cast<unsigned>(b)));
}
inline uint64_t parity(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(__builtin_parityll(a)) * 2 +
           static_cast<uint64_t>(__builtin_parity(static_cast<unsigned>(b)));
}

// The upper half of a 64 by 64 bit product, from 32-bit limbs.
inline uint64_t multiply_high(uint64_t a, uint64_t b) {
    const uint64_t a_low = a & 0xffffffff;
    const uint64_t a_high = a >> 32;
    const uint64_t b_low = b & 0xffffffff;
    const uint64_t b_high = b >> 32;
    const uint64_t low = a_low * b_low;
    const uint64_t middle = a_high * b_low + (low >> 32);
    const uint64_t cross = a_low * b_high + (middle & 0xffffffff);
    return a_high * b_high + (middle >> 32) + (cross >> 32);
}
inline uint64_t widening_multiply(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(static_cast<uint32_t>(a)) * static_cast<uint32_t>(b);
}
inline uint64_t add_128(uint64_t a, uint64_t b) {
    const auto sum =
        static_cast<unsigned __int128>(a) + b + (static_cast<unsigned __int128>(b) << 64);
    return static_cast<uint64_t>(sum >> 64) ^ static_cast<uint64_t>(sum);
}
inline uint64_t subtract_128(uint64_t a, uint64_t b) {
    const auto difference = static_cast<unsigned __int128>(a) - b;
    return static_cast<uint64_t>(difference >> 64) ^ static_cast<uint64_t>(difference);
}
inline uint64_t multiply_overflow_32(uint64_t a, uint64_t b) {
    uint32_t product;
    const bool overflows =
        __builtin_mul_overflow(static_cast<uint32_t>(a), static_cast<uint32_t>(b), &product);
    return static_cast<uint64_t>(overflows) << 32 | product;
}

// Mixed widths in one expression: where zero and sign extension meet.
inline uint64_t mixed_add(uint64_t a, uint64_t b) {
    const auto sum = static_cast<uint32_t>(a) + static_cast<uint32_t>(b);
    return a + static_cast<uint64_t>(sum) + static_cast<uint64_t>(static_cast<uint16_t>(sum));
}
inline uint64_t mixed_index(uint64_t a, uint64_t b) {
    const auto index = static_cast<uint32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
    return (index < 1000 ? 1 : 0) + (static_cast<uint64_t>(index) << 1);
}
inline uint64_t mixed_sign(uint64_t a, uint64_t b) {
    const uint64_t left = widen(static_cast<int8_t>(a));
    const uint64_t right = widen(static_cast<int32_t>(b));
    const uint64_t middle = static_cast<uint8_t>(b) + static_cast<uint32_t>(a);
    return left ^ right ^ middle;
}
inline uint64_t loop_counter(uint64_t a, uint64_t b) {
    uint32_t state = static_cast<uint32_t>(a);
    uint64_t total = 0;
    for (uint32_t index = 0; index != (b & 15); ++index) {
        state = state * 1664525U + 1013904223U;
        total += state;
        total ^= static_cast<uint64_t>(static_cast<int32_t>(state)) << 1;
    }
    return total;
}
inline uint64_t unsigned_char_loop(uint64_t a, uint64_t b) {
    uint8_t count = static_cast<uint8_t>(a | 0xf0);
    uint64_t total = b;
    // Wraps at 256.
    while (count != 3) {
        total = total * 3 + count;
        ++count;
    }
    return total;
}
inline uint64_t hash_bytes(uint64_t a, uint64_t b) {
    uint32_t hash = 0x811c9dc5U;
    for (int index = 0; index < 16; ++index) {
        const uint64_t word = index < 8 ? a : b;
        hash = (hash ^ static_cast<uint8_t>(word >> (8 * (index & 7)))) * 0x01000193U;
    }
    return hash;
}
inline uint64_t rotate_round(uint64_t a, uint64_t b) {
    // A quarter round of ChaCha: 32-bit additions, rotations, exclusive or.
    auto w = static_cast<uint32_t>(a);
    auto x = static_cast<uint32_t>(a >> 32);
    auto y = static_cast<uint32_t>(b);
    auto z = static_cast<uint32_t>(b >> 32);
    w += x;
    z = (z ^ w) << 16 | (z ^ w) >> 16;
    y += z;
    x = (x ^ y) << 12 | (x ^ y) >> 20;
    w += x;
    z = (z ^ w) << 8 | (z ^ w) >> 24;
    y += z;
    x = (x ^ y) << 7 | (x ^ y) >> 25;
    return (static_cast<uint64_t>(w) << 32 | x) ^ (static_cast<uint64_t>(y) << 32 | z);
}

inline uint64_t dense_switch(uint64_t a, uint64_t b) {
    switch (a % 16) {
        case 0:
            return b + 1;
        case 1:
            return b * 5;
        case 2:
            return b ^ a;
        case 3:
            return b >> 3;
        case 4:
        case 5:
            return b - a;
        case 6:
            return ~b;
        case 9:
            return b / 9;
        case 12:
            return a % 1000;
        default:
            return a | b;
    }
}
inline uint64_t sparse_switch(uint64_t a, uint64_t b) {
    switch (static_cast<uint32_t>(a)) {
        case 0:
            return 1;
        case 0x7fffffff:
            return b + 2;
        case 0x80000000:
            return b + 3;
        case 0xffffffff:
            return b + 4;
        case 0xffff:
            return b + 5;
        default:
            return a ^ (b << 1);
    }
}

inline constexpr uint32_t kWords[16] = {
    0x80000000, 0x7fffffff, 1,          0xffffffff, 0xdeadbeef, 0x12345678, 0x8000,     0xff,
    0x9e3779b9, 0x1b873593, 0xcc9e2d51, 0xe6546b64, 0x85ebca6b, 0xc2b2ae35, 0x61c88647, 0};
inline constexpr int16_t kShorts[8] = {-1, 1, -32768, 32767, 100, -100, 0, 7};
inline uint64_t table_words(uint64_t a, uint64_t b) {
    return static_cast<uint64_t>(kWords[a % 16]) + kWords[b % 16];
}
inline uint64_t table_shorts(uint64_t a, uint64_t b) {
    return widen(kShorts[a % 8]) * 3 + widen(kShorts[b % 8]);
}

struct Shape {
    virtual uint64_t measure(uint64_t value) const = 0;

  protected:
    ~Shape() = default;
};
struct Square final : Shape {
    uint64_t measure(uint64_t value) const override { return value * value; }
};
struct Line final : Shape {
    explicit Line(uint64_t length) : length_(length) {}
    uint64_t measure(uint64_t value) const override { return value + length_; }

  private:
    uint64_t length_;
};
[[gnu::noinline]] inline uint64_t measure(const Shape& shape, uint64_t value) {
    return shape.measure(value);
}
inline uint64_t virtual_call(uint64_t a, uint64_t b) {
    const Square square;
    const Line line(b);
    const Shape& shape = (a & 1) != 0 ? static_cast<const Shape&>(square) : line;
    return measure(shape, a >> 1);
}

struct Pair {
    uint32_t first;
    uint16_t second;
    uint8_t third;
    int8_t fourth;
};
[[gnu::noinline]] inline uint64_t take_pair(Pair pair, uint64_t factor) {
    return pair.first * factor + pair.second * 3U + pair.third + widen(pair.fourth);
}
inline uint64_t structure_argument(uint64_t a, uint64_t b) {
    return take_pair({static_cast<uint32_t>(a), static_cast<uint16_t>(b >> 3),
                      static_cast<uint8_t>(a >> 40), static_cast<int8_t>(b)},
                     b);
}

struct Fields {
    uint32_t low : 5;
    uint32_t middle : 13;
    uint32_t high : 14;
    int32_t signed_part : 11;
};
inline uint64_t bit_fields(uint64_t a, uint64_t b) {
    Fields fields;
    fields.low = a & 0x1f;
    fields.middle = (b >> 2) & 0x1fff;
    fields.high = (a >> 7) & 0x3fff;
    fields.signed_part = static_cast<int32_t>(b & 0x7ff) - 0x400;
    volatile Fields copy;
    copy.low = fields.low;
    copy.middle = fields.middle;
    copy.high = fields.high;
    copy.signed_part = fields.signed_part;
    return copy.low + copy.middle * 3ULL + copy.high * 5ULL +
           static_cast<uint64_t>(static_cast<int64_t>(copy.signed_part)) * 7;
}

[[gnu::noinline]] inline uint64_t recurse(uint64_t depth, uint64_t value) {
    return depth == 0 ? value : recurse(depth - 1, value * 3 + depth) ^ value;
}
inline uint64_t recursion(uint64_t a, uint64_t b) {
    return recurse(a % 20, b);
}

// r6 to r9 must survive calls.
[[gnu::noinline]] inline uint64_t scramble(uint64_t value) {
    return (value ^ value >> 29) * 0xbf58476d1ce4e5b9;
}
inline uint64_t many_live_values(uint64_t a, uint64_t b) {
    const uint64_t first = scramble(a);
    const uint64_t second = scramble(b);
    const uint64_t third = scramble(a + b);
    const uint64_t fourth = scramble(a - b);
    const uint64_t fifth = scramble(a ^ b);
    const uint64_t sixth = scramble(first + 1);
    return first ^ second * 3 ^ third * 5 ^ fourth * 7 ^ fifth * 11 ^ sixth * 13;
}
// Many values on the stack at once.
inline uint64_t large_frame(uint64_t a, uint64_t b) {
    volatile uint64_t room[400];
    for (size_t index = 0; index < 400; ++index) {
        room[index] = a + index * b;
    }
    uint64_t total = 0;
    for (size_t index = 0; index < 400; index += 7) {
        total = total * 5 + room[(index * 13 + a % 400) % 400];
    }
    return total;
}

// ---- Single instructions that the compiler rarely picks. On the host the meaning is spelled out.

#ifdef __bpf__
#define LATCHKEY_INSTRUCTION(name, text, meaning)         \
    inline uint64_t name(uint64_t a, uint64_t b) {        \
        asm volatile(text : "+r"(a) : "r"(b) : "memory"); \
        return a;                                         \
    }
#else
#define LATCHKEY_INSTRUCTION(name, text, meaning)                                    \
    inline uint64_t name([[maybe_unused]] uint64_t a, [[maybe_unused]] uint64_t b) { \
        return meaning;                                                              \
    }
#endif

LATCHKEY_INSTRUCTION(instruction_le16, "%0 = le16 %0", a & 0xffff)
LATCHKEY_INSTRUCTION(instruction_le32, "%0 = le32 %0", a & 0xffffffff)
LATCHKEY_INSTRUCTION(instruction_le64, "%0 = le64 %0", a)
LATCHKEY_INSTRUCTION(instruction_be16, "%0 = be16 %0", __builtin_bswap16(static_cast<uint16_t>(a)))
LATCHKEY_INSTRUCTION(instruction_be32, "%0 = be32 %0", __builtin_bswap32(static_cast<uint32_t>(a)))
LATCHKEY_INSTRUCTION(instruction_be64, "%0 = be64 %0", __builtin_bswap64(a))
LATCHKEY_INSTRUCTION(instruction_negate, "%0 = -%0", 0 - a)
LATCHKEY_INSTRUCTION(instruction_add_immediate, "%0 += -2147483648", a - 0x80000000U)
LATCHKEY_INSTRUCTION(instruction_subtract_immediate, "%0 -= 1000", a - 1000)
LATCHKEY_INSTRUCTION(instruction_subtract_negative, "%0 -= -7", a + 7)
LATCHKEY_INSTRUCTION(instruction_multiply_negative, "%0 *= -3", a* static_cast<uint64_t>(-3))
LATCHKEY_INSTRUCTION(instruction_divide_immediate, "%0 /= 1000", a / 1000)
// The immediate is extended by its sign before an unsigned division.
LATCHKEY_INSTRUCTION(instruction_divide_negative, "%0 /= -2", a / static_cast<uint64_t>(-2))
LATCHKEY_INSTRUCTION(instruction_remainder_immediate, "%0 %%= 1000", a % 1000)
LATCHKEY_INSTRUCTION(instruction_remainder_negative, "%0 %%= -2", a % static_cast<uint64_t>(-2))
LATCHKEY_INSTRUCTION(instruction_and_negative, "%0 &= -256", a & ~uint64_t{255})
LATCHKEY_INSTRUCTION(instruction_or_negative, "%0 |= -256", a | ~uint64_t{255})
LATCHKEY_INSTRUCTION(instruction_xor_negative, "%0 ^= -256", a ^ ~uint64_t{255})
LATCHKEY_INSTRUCTION(instruction_move_negative, "%0 = -2", static_cast<uint64_t>(-2))
LATCHKEY_INSTRUCTION(instruction_shift_left_63, "%0 <<= 63", a << 63)
LATCHKEY_INSTRUCTION(instruction_shift_right_63, "%0 >>= 63", a >> 63)
LATCHKEY_INSTRUCTION(instruction_arithmetic_63, "%0 s>>= 63",
                     static_cast<uint64_t>(static_cast<int64_t>(a) >> 63))
// RFC 9669, 4.1: the count of a shift by a register is taken modulo 64.
LATCHKEY_INSTRUCTION(instruction_shift_left, "%0 <<= %1", a << (b & 63))
LATCHKEY_INSTRUCTION(instruction_shift_right, "%0 >>= %1", a >> (b & 63))
LATCHKEY_INSTRUCTION(instruction_arithmetic_shift, "%0 s>>= %1",
                     static_cast<uint64_t>(static_cast<int64_t>(a) >> (b & 63)))

#ifdef __bpf__
#define LATCHKEY_JUMP(name, condition, meaning)                                            \
    inline uint64_t name(uint64_t a, uint64_t b) {                                         \
        uint64_t taken = 1;                                                                \
        asm volatile("if " condition " goto +1\n\t%0 = 0" : "+r"(taken) : "r"(a), "r"(b)); \
        return taken;                                                                      \
    }
#else
#define LATCHKEY_JUMP(name, condition, meaning)                      \
    inline uint64_t name(uint64_t a, [[maybe_unused]] uint64_t b) {  \
        [[maybe_unused]] const auto left = static_cast<int64_t>(a);  \
        [[maybe_unused]] const auto right = static_cast<int64_t>(b); \
        return (meaning) ? 1 : 0;                                    \
    }
#endif

LATCHKEY_JUMP(jump_equal, "%1 == %2", a == b)
LATCHKEY_JUMP(jump_not_equal, "%1 != %2", a != b)
LATCHKEY_JUMP(jump_above, "%1 > %2", a > b)
LATCHKEY_JUMP(jump_above_equal, "%1 >= %2", a >= b)
LATCHKEY_JUMP(jump_below, "%1 < %2", a < b)
LATCHKEY_JUMP(jump_below_equal, "%1 <= %2", a <= b)
LATCHKEY_JUMP(jump_greater, "%1 s> %2", left > right)
LATCHKEY_JUMP(jump_greater_equal, "%1 s>= %2", left >= right)
LATCHKEY_JUMP(jump_less, "%1 s< %2", left < right)
LATCHKEY_JUMP(jump_less_equal, "%1 s<= %2", left <= right)
LATCHKEY_JUMP(jump_equal_immediate, "%1 == -1", left == -1)
LATCHKEY_JUMP(jump_not_equal_immediate, "%1 != -1", left != -1)
// The immediate is extended by its sign before an unsigned comparison.
LATCHKEY_JUMP(jump_above_immediate, "%1 > -2147483648", a > static_cast<uint64_t>(-2147483648LL))
LATCHKEY_JUMP(jump_above_equal_immediate, "%1 >= -2", a >= static_cast<uint64_t>(-2))
LATCHKEY_JUMP(jump_below_immediate, "%1 < -2147483648", a < static_cast<uint64_t>(-2147483648LL))
LATCHKEY_JUMP(jump_below_equal_immediate, "%1 <= 2147483647", a <= 2147483647)
LATCHKEY_JUMP(jump_greater_immediate, "%1 s> -2", left > -2)
LATCHKEY_JUMP(jump_greater_equal_immediate, "%1 s>= 127", left >= 127)
LATCHKEY_JUMP(jump_less_immediate, "%1 s< 0", left < 0)
LATCHKEY_JUMP(jump_less_equal_immediate, "%1 s<= -2147483648", left <= -2147483648LL)

#define LATCHKEY_NAMED(name) {#name, name}

inline constexpr Operation kOperations[] = {
    LATCHKEY_UNSIGNED_OPERATIONS(uint8_t),
    LATCHKEY_UNSIGNED_OPERATIONS(uint16_t),
    LATCHKEY_UNSIGNED_OPERATIONS(uint32_t),
    LATCHKEY_UNSIGNED_OPERATIONS(uint64_t),
    LATCHKEY_SIGNED_OPERATIONS(int8_t),
    LATCHKEY_SIGNED_OPERATIONS(int16_t),
    LATCHKEY_SIGNED_OPERATIONS(int32_t),
    LATCHKEY_SIGNED_OPERATIONS(int64_t),
    LATCHKEY_COMMON_OPERATIONS(uint8_t),
    LATCHKEY_COMMON_OPERATIONS(uint16_t),
    LATCHKEY_COMMON_OPERATIONS(uint32_t),
    LATCHKEY_COMMON_OPERATIONS(uint64_t),
    LATCHKEY_COMMON_OPERATIONS(int8_t),
    LATCHKEY_COMMON_OPERATIONS(int16_t),
    LATCHKEY_COMMON_OPERATIONS(int32_t),
    LATCHKEY_COMMON_OPERATIONS(int64_t),
    LATCHKEY_NAMED(byte_swap_16),
    LATCHKEY_NAMED(byte_swap_32),
    LATCHKEY_NAMED(byte_swap_64),
    LATCHKEY_NAMED(leading_zeros),
    LATCHKEY_NAMED(trailing_zeros),
    LATCHKEY_NAMED(population),
    LATCHKEY_NAMED(parity),
    LATCHKEY_NAMED(multiply_high),
    LATCHKEY_NAMED(widening_multiply),
    LATCHKEY_NAMED(add_128),
    LATCHKEY_NAMED(subtract_128),
    LATCHKEY_NAMED(multiply_overflow_32),
    LATCHKEY_NAMED(mixed_add),
    LATCHKEY_NAMED(mixed_index),
    LATCHKEY_NAMED(mixed_sign),
    LATCHKEY_NAMED(loop_counter),
    LATCHKEY_NAMED(unsigned_char_loop),
    LATCHKEY_NAMED(hash_bytes),
    LATCHKEY_NAMED(rotate_round),
    LATCHKEY_NAMED(dense_switch),
    LATCHKEY_NAMED(sparse_switch),
    LATCHKEY_NAMED(table_words),
    LATCHKEY_NAMED(table_shorts),
    LATCHKEY_NAMED(virtual_call),
    LATCHKEY_NAMED(structure_argument),
    LATCHKEY_NAMED(bit_fields),
    LATCHKEY_NAMED(recursion),
    LATCHKEY_NAMED(many_live_values),
    LATCHKEY_NAMED(large_frame),
    LATCHKEY_NAMED(instruction_le16),
    LATCHKEY_NAMED(instruction_le32),
    LATCHKEY_NAMED(instruction_le64),
    LATCHKEY_NAMED(instruction_be16),
    LATCHKEY_NAMED(instruction_be32),
    LATCHKEY_NAMED(instruction_be64),
    LATCHKEY_NAMED(instruction_negate),
    LATCHKEY_NAMED(instruction_add_immediate),
    LATCHKEY_NAMED(instruction_subtract_immediate),
    LATCHKEY_NAMED(instruction_subtract_negative),
    LATCHKEY_NAMED(instruction_multiply_negative),
    LATCHKEY_NAMED(instruction_divide_immediate),
    LATCHKEY_NAMED(instruction_divide_negative),
    LATCHKEY_NAMED(instruction_remainder_immediate),
    LATCHKEY_NAMED(instruction_remainder_negative),
    LATCHKEY_NAMED(instruction_and_negative),
    LATCHKEY_NAMED(instruction_or_negative),
    LATCHKEY_NAMED(instruction_xor_negative),
    LATCHKEY_NAMED(instruction_move_negative),
    LATCHKEY_NAMED(instruction_shift_left_63),
    LATCHKEY_NAMED(instruction_shift_right_63),
    LATCHKEY_NAMED(instruction_arithmetic_63),
    LATCHKEY_NAMED(instruction_shift_left),
    LATCHKEY_NAMED(instruction_shift_right),
    LATCHKEY_NAMED(instruction_arithmetic_shift),
    LATCHKEY_NAMED(jump_equal),
    LATCHKEY_NAMED(jump_not_equal),
    LATCHKEY_NAMED(jump_above),
    LATCHKEY_NAMED(jump_above_equal),
    LATCHKEY_NAMED(jump_below),
    LATCHKEY_NAMED(jump_below_equal),
    LATCHKEY_NAMED(jump_greater),
    LATCHKEY_NAMED(jump_greater_equal),
    LATCHKEY_NAMED(jump_less),
    LATCHKEY_NAMED(jump_less_equal),
    LATCHKEY_NAMED(jump_equal_immediate),
    LATCHKEY_NAMED(jump_not_equal_immediate),
    LATCHKEY_NAMED(jump_above_immediate),
    LATCHKEY_NAMED(jump_above_equal_immediate),
    LATCHKEY_NAMED(jump_below_immediate),
    LATCHKEY_NAMED(jump_below_equal_immediate),
    LATCHKEY_NAMED(jump_greater_immediate),
    LATCHKEY_NAMED(jump_greater_equal_immediate),
    LATCHKEY_NAMED(jump_less_immediate),
    LATCHKEY_NAMED(jump_less_equal_immediate),
};
inline constexpr size_t kOperationCount = sizeof(kOperations) / sizeof(kOperations[0]);

}  // namespace latchkey::sbf_link::differential
