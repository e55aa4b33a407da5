// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/shorten.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/instruction.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::ElementsAre;
using namespace sbf_link::testing;

const std::uint64_t kExit = instruction(0x95, 0, 0, 0, 0);
const std::uint64_t kClear = instruction(0xb7, 0, 0, 0, 0);

std::uint64_t jump(std::int16_t offset) {
    return instruction(0x05, 0, 0, offset, 0);
}
std::uint64_t jump_if_zero(std::int16_t offset) {
    return instruction(0x15, 1, 0, offset, 0);
}
std::uint64_t call(std::int32_t distance) {
    return instruction(0x85, 0, kCallInternal, 0, distance);
}
// Both slots of a load into r2.
std::vector<std::uint64_t> load(std::uint64_t value) {
    return {instruction(0x18, 2, 0, 0, static_cast<std::int32_t>(value)),
            instruction(0, 0, 0, 0, static_cast<std::int32_t>(value >> 32))};
}
std::uint64_t move(std::int32_t value) {
    return instruction(0xb7, 2, 0, 0, value);
}

std::vector<std::uint64_t> join(std::initializer_list<std::vector<std::uint64_t>> parts) {
    std::vector<std::uint64_t> all;
    for (const auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

Image image_of(const std::vector<std::uint64_t>& slots) {
    Image image{};
    image.entry_address = kCodeAddress;
    for (const std::uint64_t slot : slots) {
        for (int shift = 0; shift < 64; shift += 8) {
            image.code.push_back(static_cast<std::uint8_t>(slot >> shift));
        }
    }
    return image;
}

std::vector<std::uint64_t> slots_of(const Image& image) {
    std::vector<std::uint64_t> slots;
    for (std::size_t at = 0; at < image.code.size(); at += 8) {
        slots.push_back(elf::read<std::uint64_t>(image.code, at));
    }
    return slots;
}

std::vector<std::uint64_t> shortened(const std::vector<std::uint64_t>& slots) {
    Image image = image_of(slots);
    shorten(image);
    return slots_of(image);
}

TEST(Shorten, LoadsThatSignExtensionGives) {
    EXPECT_THAT(shortened(join({load(5), {kExit}})), ElementsAre(move(5), kExit));
    EXPECT_THAT(shortened(join({load(0x7fffffff), {kExit}})), ElementsAre(move(0x7fffffff), kExit));
    EXPECT_THAT(shortened(join({load(~std::uint64_t{0}), {kExit}})), ElementsAre(move(-1), kExit));
    EXPECT_THAT(shortened(join({load(0xffffffff80000000), {kExit}})),
                ElementsAre(move(std::numeric_limits<std::int32_t>::min()), kExit));
    for (const std::uint64_t value :
         {std::uint64_t{0x80000000}, std::uint64_t{0x100000000}, std::uint64_t{0xffffffff},
          std::uint64_t{0xffffffff7fffffff}, std::uint64_t{0x8000000000000000}}) {
        const auto slots = join({load(value), {kExit}});
        EXPECT_EQ(shortened(slots), slots) << value;
    }
}

TEST(Shorten, SecondSlotOfALongLoadIsNoInstruction) {
    // Its bytes look like a jump with a target far outside.
    const std::vector<std::uint64_t> slots = {
        instruction(0x18, 2, 0, 0, 1), std::uint64_t{0x7fff0005} | std::uint64_t{1} << 32, kExit};
    EXPECT_EQ(shortened(slots), slots);
}

TEST(Shorten, JumpsAndCallsAcrossShortenedLoads) {
    const auto slots =
        join({{jump_if_zero(4), call(4)}, load(1), {jump_if_zero(-4), kExit}, {kClear, kExit}});
    EXPECT_THAT(shortened(slots), ElementsAre(jump_if_zero(3), call(3), move(1), jump_if_zero(-3),
                                              kExit, kClear, kExit));
    // Backwards calls, and jumps that cross nothing.
    EXPECT_THAT(shortened(join({{kClear, kExit}, load(1), {call(-5), jump_if_zero(0), kExit}})),
                ElementsAre(kClear, kExit, move(1), call(-4), jump_if_zero(0), kExit));
}

TEST(Shorten, JumpsToJumps) {
    EXPECT_THAT(shortened({jump_if_zero(1), kExit, jump(1), kClear, kClear, kExit}),
                ElementsAre(jump_if_zero(3), kExit, jump(1), kClear, kClear, kExit));
    EXPECT_THAT(shortened({jump(1), kClear, jump(-2), kExit}).at(0), jump(0));
}

TEST(Shorten, JumpsToAnExitBecomeIt) {
    EXPECT_THAT(shortened({jump(1), kClear, kExit}), ElementsAre(kExit, kClear, kExit));
    EXPECT_THAT(shortened({jump(1), kExit, jump(-2)}), ElementsAre(kExit, kExit, kExit));
    // A conditional one cannot.
    EXPECT_THAT(shortened({jump_if_zero(1), kClear, kExit}),
                ElementsAre(jump_if_zero(1), kClear, kExit));
}

TEST(Shorten, LoopsOfJumpsStay) {
    EXPECT_THAT(shortened({jump(-1)}), ElementsAre(jump(-1)));
    const auto slots = shortened({jump_if_zero(0), jump(0), jump(-2), kExit});
    EXPECT_EQ(slots.size(), 4U);
    EXPECT_EQ(slots[3], kExit);
}

TEST(Shorten, AddressesOfCodeMove) {
    Image image = image_of(join({load(1), load(kCodeAddress + 40), {kExit}, load(7), {kExit}}));
    image.code_addresses_in_code = {16};
    image.read_only_data.resize(32);
    elf::write<std::uint64_t>(image.read_only_data, 16, kCodeAddress + 40);
    elf::write<std::uint64_t>(image.read_only_data, 24, kCodeAddress + 40);
    image.code_addresses_in_data = {16};
    image.symbols = {{"constant", 16, 8, false},
                     {"first", kCodeAddress, 40, true},
                     {"second", kCodeAddress + 40, 24, true}};
    image.entry_address = kCodeAddress + 40;
    shorten(image);
    EXPECT_EQ(slots_of(image), join({{move(1)}, load(kCodeAddress + 32), {kExit, move(7), kExit}}));
    EXPECT_EQ(image.entry_address, kCodeAddress + 32);
    EXPECT_EQ(elf::read<std::uint64_t>(image.read_only_data, 16), kCodeAddress + 32);
    // A constant that looks like an address is none.
    EXPECT_EQ(elf::read<std::uint64_t>(image.read_only_data, 24), kCodeAddress + 40);
    EXPECT_EQ(image.symbols[0].address, 16U);
    EXPECT_EQ(image.symbols[1].size, 32U);
    EXPECT_EQ(image.symbols[2].address, kCodeAddress + 32);
    EXPECT_EQ(image.symbols[2].size, 16U);
}

TEST(Shorten, MovesAreWholeInstructions) {
    // A load whose unused fields are set.
    Image image = image_of({instruction(0x18, 2, 3, 77, 5), 0, kExit});
    shorten(image);
    EXPECT_THAT(slots_of(image), ElementsAre(move(5), kExit));
}

// *(u64 *)(r10 - 8) = r2 or the constant.
const std::uint64_t kStore = instruction(0x7b, 10, 2, -8, 0);
std::uint64_t store_constant(std::int32_t value) {
    return instruction(0x7a, 10, 0, -8, value);
}

TEST(Shorten, ConstantsThatAreOnlyStored) {
    EXPECT_THAT(shortened({move(-5), kStore, kExit}), ElementsAre(store_constant(-5), kExit));
    // Both halves of what was a long load, several stores, a byte.
    EXPECT_THAT(shortened(join({load(7), {kStore, instruction(0x73, 1, 2, 3, 0), kExit}})),
                ElementsAre(store_constant(7), instruction(0x72, 1, 0, 3, 7), kExit));
    // The register is loaded anew.
    EXPECT_THAT(shortened({move(1), kStore, move(2), kStore, kExit}),
                ElementsAre(store_constant(1), store_constant(2), kExit));
    // A jump to the load leads to the store.
    EXPECT_THAT(shortened({jump_if_zero(1), kClear, move(1), kStore, kExit}),
                ElementsAre(jump_if_zero(1), kClear, store_constant(1), kExit));
}

TEST(Shorten, ConstantsThatAreReadOtherwise) {
    const auto expect_kept = [](const std::vector<std::uint64_t>& slots) {
        EXPECT_EQ(shortened(slots), slots);
    };
    // As an argument, as an address, in a sum, and by whoever a jump leads to.
    expect_kept({move(1), kStore, call(0), kExit});
    expect_kept({move(1), kStore, instruction(0x7b, 2, 3, 0, 0), kExit});
    expect_kept({move(1), kStore, instruction(0x7b, 2, 2, 0, 0), kExit});
    expect_kept({move(1), kStore, instruction(0x0f, 0, 2, 0, 0), kExit});
    expect_kept({move(1), kStore, jump_if_zero(1), kExit, instruction(0xbf, 0, 2, 0, 0), kExit});
    // Somebody may jump between the load and the store.
    expect_kept({jump_if_zero(1), move(1), kStore, kExit});
    // A long constant.
    expect_kept(join({load(0x100000000), {kStore, kExit}}));
    // The value of a function.
    expect_kept({instruction(0xb7, 0, 0, 0, 1), instruction(0x7b, 10, 0, -8, 0), kExit});
    // Read before it is stored.
    expect_kept({move(1), instruction(0x0f, 3, 2, 0, 0), kStore, kExit});
}

}  // namespace
}  // namespace latchkey::sbf_link
