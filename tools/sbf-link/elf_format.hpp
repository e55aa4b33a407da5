// SPDX-License-Identifier: Apache-2.0
// The parts of ELF64 (System V gABI, chapters "Object Files" and "Program Loading") that the linker
// reads and writes, as offsets and constants: objects are parsed field by field, never by casting.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace latchkey::sbf_link::elf {

inline constexpr std::array<std::uint8_t, 16> kIdentification = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0,
                                                                 0,    0,   0,   0,   0, 0, 0, 0};
inline constexpr std::size_t kFileHeaderSize = 64;
inline constexpr std::size_t kProgramHeaderSize = 56;
inline constexpr std::size_t kSectionHeaderSize = 64;
inline constexpr std::size_t kSymbolSize = 24;
inline constexpr std::size_t kRelocationSize = 16;

inline constexpr std::uint16_t kTypeRelocatable = 1;
inline constexpr std::uint16_t kTypeDynamic = 3;
inline constexpr std::uint16_t kMachineBpf = 247;
inline constexpr std::uint32_t kVersionCurrent = 1;

enum SectionType : std::uint32_t {
    kSectionNull = 0,
    kSectionProgramBits = 1,
    kSectionSymbolTable = 2,
    kSectionStringTable = 3,
    kSectionRelocationsWithAddend = 4,
    kSectionNoBits = 8,
    kSectionRelocations = 9,
    kSectionInitArray = 14,
    kSectionFiniArray = 15,
    kSectionPreinitArray = 16,
    kSectionGroup = 17,
    kSectionSymbolTableIndexes = 18,
};

enum SectionFlag : std::uint64_t {
    kFlagWrite = 0x1,
    kFlagAllocate = 0x2,
    kFlagExecute = 0x4,
    kFlagMerge = 0x10,
    kFlagInfoLink = 0x40,
    kFlagThreadLocal = 0x400,
    kFlagCompressed = 0x800,
};

inline constexpr std::uint32_t kGroupComdat = 1;

inline constexpr std::uint16_t kIndexUndefined = 0;
inline constexpr std::uint16_t kIndexReservedFirst = 0xff00;
inline constexpr std::uint16_t kIndexAbsolute = 0xfff1;
inline constexpr std::uint16_t kIndexCommon = 0xfff2;

enum SymbolType : std::uint8_t {
    kSymbolNone = 0,
    kSymbolObject = 1,
    kSymbolFunction = 2,
    kSymbolSection = 3,
    kSymbolFile = 4,
};

enum SymbolBinding : std::uint8_t { kBindingLocal = 0, kBindingGlobal = 1, kBindingWeak = 2 };

// Relocation types of LLVM's BPF back end (llvm/BinaryFormat/ELFRelocs/BPF.def).
enum RelocationType : std::uint32_t {
    // 64-bit address in the two immediates of lddw.
    kRelocationLoadAddress = 1,
    // 64-bit address in data.
    kRelocationDataAddress = 2,
    // Target of a call instruction.
    kRelocationCall = 10,
};

inline constexpr std::uint32_t kSegmentLoad = 1;
inline constexpr std::uint32_t kSegmentExecutable = 1;
inline constexpr std::uint32_t kSegmentReadable = 4;

// The little-endian integer at `offset`. The caller has checked that it lies inside `bytes`.
template <std::unsigned_integral Integer>
constexpr Integer read(std::span<const std::uint8_t> bytes, std::size_t offset) {
    Integer value = 0;
    for (std::size_t index = 0; index < sizeof(Integer); ++index) {
        const auto byte = static_cast<Integer>(bytes[offset + index]);
        value = static_cast<Integer>(value | static_cast<Integer>(byte << (8 * index)));
    }
    return value;
}

// Writes `value` little-endian at `offset`. The caller has checked that it fits into `bytes`.
template <std::unsigned_integral Integer>
constexpr void write(std::span<std::uint8_t> bytes, std::size_t offset, Integer value) {
    for (std::size_t index = 0; index < sizeof(Integer); ++index) {
        bytes[offset + index] = static_cast<std::uint8_t>(value >> (8 * index));
    }
}

}  // namespace latchkey::sbf_link::elf
