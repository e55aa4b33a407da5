// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/code_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/testing/compile.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"
#include "tools/sbf-link/testing/strict_loader.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::HasSubstr;
using namespace sbf_link::testing;

Result<LinkedProgram> link_function(const Bytes& body, const LinkOptions& options = {}) {
    return link_objects({object_with_function("entrypoint", body)}, options);
}

void expect_accepted(const Bytes& body) {
    const auto program = link_function(body);
    ASSERT_TRUE(program) << program.error().message;
    EXPECT_EQ(find_violation(program->elf), std::nullopt);
}

void expect_refused(const Result<LinkedProgram>& program, ErrorCode code,
                    std::string_view message) {
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().code, code) << program.error().message;
    EXPECT_THAT(program.error().message, HasSubstr(message));
}

// Every opcode: accepted exactly when clang -mcpu=v2 emits it and the VM means the same by it. The
// list is the test's own: solana-sbpf 0.23, verifier.rs, without classes 2, 4 and 6.
TEST(CodeCheck, EveryOpcode) {
    const std::set<int> accepted = {
        0x61, 0x69, 0x71, 0x79, 0x63, 0x6b, 0x73, 0x7b, 0xd4, 0xdc, 0x07, 0x0f, 0x17, 0x1f, 0x27,
        0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f, 0x67, 0x6f, 0x77, 0x7f, 0x87, 0x97, 0x9f, 0xa7,
        0xaf, 0xb7, 0xbf, 0xc7, 0xcf, 0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x55,
        0x5d, 0x65, 0x6d, 0x75, 0x7d, 0xa5, 0xad, 0xb5, 0xbd, 0xc5, 0xcd, 0xd5, 0xdd, 0x95};
    for (int opcode = 0; opcode < 256; ++opcode) {
        const auto byte = static_cast<std::uint8_t>(opcode);
        if (byte == 0x18 || byte == 0x85 || byte == 0x8d) {
            continue;
        }
        // An immediate of 32 is right for shifts, divisions and byte swaps alike.
        const auto program = link_function(code({instruction(byte, 1, 2, 0, 32), kExit}));
        if (accepted.contains(opcode)) {
            EXPECT_TRUE(program) << opcode << ": " << program.error().message;
        } else {
            ASSERT_FALSE(program) << opcode;
            EXPECT_EQ(program.error().code, ErrorCode::kForbiddenInstruction) << opcode;
            EXPECT_THAT(program.error().message, HasSubstr("a.o: function entrypoint+0x0: opcode"));
        }
    }
    expect_accepted(code({instruction(0x18, 1, 0, 0, 5), instruction(0, 0, 0, 0, 6), kExit}));
    expect_accepted(code({instruction(0x85, 0, 1, 0, 0), kExit}));
    expect_accepted(code({instruction(0x8d, 3), kExit}));
}

struct Operand {
    std::string_view name;
    std::uint64_t word;
    std::string_view message;
};

// Names a parameter in test listings.
std::ostream& operator<<(std::ostream& out, const Operand& operand) {
    return out << operand.name;
}

class CodeCheckOperand : public ::testing::TestWithParam<Operand> {};

TEST_P(CodeCheckOperand, IsRefused) {
    // In the second instruction: the message must say where.
    const auto program = link_function(code({kClear, GetParam().word, kExit}));
    expect_refused(program, ErrorCode::kForbiddenInstruction,
                   "a.o: function entrypoint+0x8: opcode");
    expect_refused(program, ErrorCode::kForbiddenInstruction, GetParam().message);
}

constexpr std::string_view kAdvice = "compile with -mcpu=v2";

INSTANTIATE_TEST_SUITE_P(
    All, CodeCheckOperand,
    ::testing::Values(
        Operand{"add32", instruction(0x04, 1, 0, 0, 1), kAdvice},
        Operand{"move32", instruction(0xbc, 1, 2), kAdvice},
        Operand{"jump32", instruction(0x16, 1, 0, 0, 1), kAdvice},
        Operand{"long_jump", instruction(0x06), kAdvice},
        Operand{"byte_swap_v4", instruction(0xd7, 1, 0, 0, 32), kAdvice},
        Operand{"signed_division", instruction(0x3f, 1, 2, 1), kAdvice},
        Operand{"sign_extending_move", instruction(0xbf, 1, 2, 8), kAdvice},
        Operand{"sign_extending_load", instruction(0x81, 1, 2), kAdvice},
        Operand{"store_constant", instruction(0x7a, 1, 0, 0, 5), kAdvice},
        Operand{"atomic_add", instruction(0xdb, 1, 2), "atomic operation"},
        Operand{"atomic_add32", instruction(0xc3, 1, 2), "atomic operation"},
        Operand{"packet_load", instruction(0x20), "legacy packet access"},
        Operand{"division_by_zero", instruction(0x37, 1), "division by zero"},
        Operand{"remainder_by_zero", instruction(0x97, 1), "division by zero"},
        Operand{"shift_64", instruction(0x67, 1, 0, 0, 64), "more than 63 bits"},
        Operand{"shift_negative", instruction(0xc7, 1, 0, 0, -1), "more than 63 bits"},
        Operand{"swap_width", instruction(0xdc, 1, 0, 0, 8), kAdvice},
        Operand{"write_r10", instruction(0xb7, 10), "write to the frame pointer"},
        Operand{"add_r10", instruction(0x07, 10, 0, 0, -8), "write to the frame pointer"},
        Operand{"load_r10", instruction(0x79, 10, 1), "write to the frame pointer"},
        Operand{"swap_r10", instruction(0xdc, 10, 0, 0, 64), "write to the frame pointer"},
        Operand{"destination_11", instruction(0xb7, 11), "register that does not exist"},
        Operand{"source_15", instruction(0xbf, 1, 15), "register that does not exist"},
        Operand{"map_reference", instruction(0x18, 1, 1), "map or kernel reference"},
        Operand{"kernel_call", instruction(0x85, 0, 2), "call of a kernel function"},
        Operand{"call_r10", instruction(0x8d, 10), "encoding that sBPF v3 does not have"},
        Operand{"call_by_immediate", instruction(0x8d, 0, 0, 0, 3),
                "encoding that sBPF v3 does not have"},
        Operand{"half_lddw", instruction(0x18, 1), "lacks its second half"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CodeCheck, LddwAtTheEnd) {
    expect_refused(link_function(code({kExit, instruction(0x18, 1)})),
                   ErrorCode::kForbiddenInstruction, "lacks its second half");
}

// The compiler's own output for other processor versions, which loads on the VM and computes wrong
// results there.
TEST(CodeCheck, RefusesOtherProcessorVersions) {
    constexpr std::string_view kSource =
        "extern \"C\" unsigned long entrypoint(const int* in) {"
        "    return (unsigned long)(unsigned)(in[0] + in[1]); }";
    EXPECT_TRUE(link_objects({compile(kSource)}));
    expect_refused(link_objects({compile(kSource, "-mcpu=v3")}), ErrorCode::kForbiddenInstruction,
                   "function entrypoint");
    expect_refused(link_objects({compile(kSource, "-mcpu=v4")}), ErrorCode::kForbiddenInstruction,
                   "32-bit arithmetic");
    constexpr std::string_view kSigned =
        "extern \"C\" unsigned long entrypoint(const signed char* in) { return in[0]; }";
    expect_refused(link_objects({compile(kSigned, "-mcpu=v4")}), ErrorCode::kForbiddenInstruction,
                   "mcpu=v4");
}

TEST(CodeCheck, RefusesAtomics) {
    expect_refused(
        link_objects({compile("extern \"C\" unsigned long entrypoint(unsigned long* in) {"
                              "    __atomic_fetch_add(in, 1, 0); return 0; }")}),
        ErrorCode::kForbiddenInstruction, "function entrypoint+0x8: opcode 0xdb: atomic");
}

TEST(CodeCheck, FrameEdges) {
    // The last and the first eight bytes of the frame.
    expect_accepted(code({instruction(0x7b, 10, 1, -8), kExit}));
    expect_accepted(code({instruction(0x7b, 10, 1, -4096), kExit}));
    expect_accepted(code({instruction(0x71, 1, 10, -1), kExit}));
    constexpr auto kCode = ErrorCode::kFrameTooLarge;
    expect_refused(link_function(code({instruction(0x7b, 10, 1, -4097), kExit})), kCode,
                   "function entrypoint+0x0: the access at r10-4097");
    expect_refused(link_function(code({instruction(0x7b, 10, 1, -7), kExit})), kCode,
                   "the access at r10-7");
    expect_refused(link_function(code({instruction(0x7b, 10, 1, 8), kExit})), kCode, "r10+8");
    expect_refused(link_function(code({instruction(0x71, 1, 10, 0), kExit})), kCode, "r10+0");
    expect_refused(link_function(code({instruction(0x63, 10, 1, -4098), kExit})), kCode,
                   "r10-4098");
}

TEST(CodeCheck, FollowsCopiesOfTheFramePointer) {
    const auto move = instruction(0xbf, 1, 10);
    const auto move_again = instruction(0xbf, 6, 1);
    const auto add = [](std::int32_t value) { return instruction(0x07, 1, 0, 0, value); };
    expect_accepted(code({move, add(-4096), instruction(0x73, 1, 2, 0), kExit}));
    expect_accepted(code({move, add(-4096), instruction(0x73, 1, 2, 4095), kExit}));
    constexpr auto kCode = ErrorCode::kFrameTooLarge;
    expect_refused(link_function(code({move, add(-4097), kExit})), kCode, "the address r10-4097");
    expect_refused(link_function(code({move, add(8), kExit})), kCode, "the address r10+8");
    expect_refused(link_function(code({move, add(-4096), instruction(0x73, 1, 2, 4096), kExit})),
                   kCode, "the access at r10+0");
    expect_refused(
        link_function(code({move, add(-4000), move_again, instruction(0x07, 6, 0, 0, -97), kExit})),
        kCode, "the address r10-4097");
    // r6 survives a call, r1 does not.
    const auto call = instruction(0x85, 0, 1, 0, 2);
    const auto load_r6 = instruction(0x79, 0, 6, -104);
    const auto load_r1 = instruction(0x79, 0, 1, -104);
    expect_refused(link_function(code({move, add(-4000), move_again, call, load_r6, kExit, kExit})),
                   kCode, "entrypoint+0x20: the access at r10-4104");
    expect_accepted(code({move, add(-4000), move_again, call, load_r1, kExit, kExit}));
    // Other arithmetic, loads and joins end what is known.
    expect_accepted(code({move, instruction(0x1f, 1, 2), add(8), kExit}));
    expect_accepted(code({move, instruction(0x79, 1, 2, 0), add(8), kExit}));
    expect_accepted(code({move, instruction(0x15, 2, 0, 0, 0), add(8), kExit}));
}

// Without its own limit the compiler happily uses more stack than a frame has.
TEST(CodeCheck, RefusesLargeFramesOfClang) {
    constexpr std::string_view kSource =
        "extern \"C\" unsigned long use(unsigned char*);"
        "extern \"C\" [[gnu::noinline]] unsigned long use(unsigned char* p) {"
        "    asm volatile(\"\" : : \"r\"(p) : \"memory\"); return p[0]; }"
        "extern \"C\" unsigned long entrypoint() {"
        "    unsigned char room[SIZE]; return use(room); }";
    EXPECT_TRUE(link_objects({compile(kSource, "-DSIZE=4088")}));
    expect_refused(link_objects({compile(kSource, "-DSIZE=4104 -mllvm -bpf-stack-size=8192")}),
                   ErrorCode::kFrameTooLarge, "function entrypoint+0x8: the address r10-4104");
}

TEST(CodeCheck, Targets) {
    constexpr auto kCode = ErrorCode::kTargetOutOfRange;
    expect_accepted(code({instruction(0x05, 0, 0, -1), kExit}));
    expect_refused(link_function(code({instruction(0x05, 0, 0, 1), kExit})), kCode,
                   "function entrypoint+0x0: the jump");
    expect_refused(link_function(code({instruction(0x15, 1, 0, -2), kExit})), kCode, "the jump");
    expect_refused(link_function(code({instruction(0x05, 0, 0, 1), instruction(0x18), 0, kExit})),
                   kCode, "the jump");
    expect_refused(link_function(code({instruction(0x85, 0, 1, 0, 1), kExit})), kCode, "the call");
    expect_refused(link_function(code({instruction(0x85, 0, 1, 0, -3), kExit})), kCode, "the call");
    expect_refused(link_function(code({instruction(0x85, 0, 1, 0, 0x7fffffff), kExit})), kCode,
                   "the call");
    expect_refused(
        link_function(code({instruction(0x85, 0, 1, 0, 1), instruction(0x18), 0, kExit})), kCode,
        "the call");
}

TEST(CodeCheck, FallsThrough) {
    constexpr auto kCode = ErrorCode::kFallsThrough;
    expect_refused(link_function(code({kExit, kClear})), kCode,
                   "function entrypoint+0x8: execution can run past");
    expect_refused(link_function(code({kExit, instruction(0x15, 1, 0, -1)})), kCode, "run past");
    expect_refused(link_function(code({kExit, instruction(0x18), 0})), kCode, "run past");
    // sol_log_ returns, abort does not.
    expect_refused(link_function(code({instruction(0x85, 0, 0, 0, 0x207559bd)})), kCode,
                   "run past");
    expect_accepted(code({instruction(0x85, 0, 0, 0, static_cast<std::int32_t>(0xb6fc1a11))}));
    // Functions that clang ends early because their source is undefined.
    constexpr std::string_view kLogs =
        "extern \"C\" unsigned long sol_log_(const char*, unsigned long);"
        "extern \"C\" unsigned long entrypoint() { sol_log_(\"\", 0); __builtin_unreachable(); }";
    expect_refused(link_objects({compile(kLogs)}), kCode,
                   "function entrypoint+0x18: execution can");
    constexpr std::string_view kCaller =
        "extern \"C\" unsigned long helper();"
        "extern \"C\" unsigned long entrypoint() { return helper() + 1; }";
    constexpr std::string_view kNothing =
        "extern \"C\" unsigned long helper() { __builtin_unreachable(); }";
    expect_refused(link_objects({compile(kCaller), compile(kNothing)}),
                   ErrorCode::kTargetOutOfRange, "where no instruction starts");
}

TEST(CodeCheck, FunctionsAreWholeInstructions) {
    struct Extent {
        std::uint64_t value;
        std::uint64_t size;
        bool sound;
    };
    for (const Extent extent :
         {Extent{0, 24, true}, Extent{24, 16, true}, Extent{28, 8, false}, Extent{24, 12, false},
          Extent{24, 0, false}, Extent{8, 16, false}, Extent{40, 0, false}}) {
        ObjectBuilder builder;
        const auto text =
            builder.add_section({.name = ".text",
                                 .flags = kCodeFlags,
                                 .bytes = code({instruction(0x18), 0, kExit, kClear, kExit})});
        builder.add_symbol({.name = "f",
                            .section = text,
                            .value = extent.value,
                            .size = extent.size,
                            .binding = elf::kBindingLocal});
        builder.add_symbol({.name = "entrypoint", .section = text, .size = 40});
        const auto program = link_objects({builder.build()});
        if (extent.sound) {
            EXPECT_TRUE(program) << extent.value;
        } else {
            expect_refused(program, ErrorCode::kFallsThrough,
                           "function f has no instructions of its own");
        }
    }
}

TEST(CodeCheck, SyscallsByHash) {
    expect_accepted(code({instruction(0x85, 0, 0, 0, 0x207559bd), kExit}));
    expect_refused(link_function(code({instruction(0x85, 0, 0, 0, 0x12345678), kExit})),
                   ErrorCode::kUnknownSyscall,
                   "function entrypoint+0x0: hash 0x12345678 belongs to no syscall");
}

TEST(CodeCheck, SyscallsOfOtherClusters) {
    const auto call = [](std::string_view name) {
        const auto hash = static_cast<std::int32_t>(syscall_hash(name));
        return code({instruction(0x85, 0, 0, 0, hash), kExit});
    };
    LinkOptions permissive;
    permissive.rules.allow_gated_syscalls = true;
    expect_refused(link_function(call("sol_blake3")), ErrorCode::kUnknownSyscall,
                   "sol_blake3 is not active on mainnet-beta");
    EXPECT_TRUE(link_function(call("sol_blake3"), permissive));
    expect_refused(link_function(call("sol_alloc_free_"), permissive), ErrorCode::kUnknownSyscall,
                   "sol_alloc_free_ is retired");
}

}  // namespace
}  // namespace latchkey::sbf_link
