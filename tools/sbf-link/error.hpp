// SPDX-License-Identifier: Apache-2.0
// Errors of the linker. Every refusal is one value: a code for tests and a sentence for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace latchkey::sbf_link {

// Why a link was refused. The numbers are the process's exit codes and never change meaning.
enum class ErrorCode : std::uint8_t {
    // 2: the command line is wrong, or a file cannot be read or written.
    kUsage = 2,
    // 10: the bytes are not a well-formed ELF64 relocatable object.
    kMalformedObject = 10,
    // 11: well-formed, but not something clang -target bpf writes for a program.
    kUnsupportedObject = 11,
    // 20: a symbol is used that no object defines and that is no syscall.
    kUndefinedSymbol = 20,
    // 21: two objects define one symbol, or an object defines a syscall's name.
    kDuplicateSymbol = 21,
    // 22: no object defines the entry function.
    kNoEntry = 22,
    // 30: the instruction is unknown to sBPF v3, or known to be miscompiled on it.
    kForbiddenInstruction = 30,
    // 31: a stack access leaves the function's 4096-byte frame.
    kFrameTooLarge = 31,
    // 32: a jump or call ends outside its section or inside a two-slot instruction.
    kTargetOutOfRange = 32,
    // 33: execution can run past the last instruction of a function.
    kFallsThrough = 33,
    // 34: a call names a syscall that does not exist or that new programs cannot rely on.
    kUnknownSyscall = 34,
    // 40: variables that change at run time do not exist in sBPF.
    kWritableData = 40,
    // 41: code that must run before the entry function does not exist in sBPF.
    kConstructor = 41,
    // 42: the relocation's type, place or target is none of those clang-19 emits.
    kUnsupportedRelocation = 42,
    // 50: --patch-slot names no 32-byte constant that is part of the program.
    kPatchSlot = 50,
    // 51: the result is larger than --max-size or than a segment may be.
    kTooLarge = 51,
};

// `message` is one sentence without a final newline; bytes that came from an input file are
// escaped.
struct Error {
    ErrorCode code;
    std::string message;
};

template <typename Value>
using Result = tl::expected<Value, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

// `name` for use in a message: printable ASCII only (others as \xNN), cut after 200 characters.
std::string printable(std::string_view name);

}  // namespace latchkey::sbf_link
