// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/fold.hpp"

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/instruction.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::ElementsAre;
using namespace sbf_link::testing;

using Slots = std::vector<std::uint64_t>;

const std::uint64_t kSyscall = instruction(0x85, 0, kCallSyscall, 0, 7);
// *(u64 *)(r10 - 8) = r2, and r1 = r10.
const std::uint64_t kUseFrame = instruction(0x7b, 10, 2, -8, 0);
const std::uint64_t kTakeFrame = instruction(0xbf, 1, 10, 0, 0);

std::uint64_t jump(int offset) {
    return instruction(0x05, 0, 0, static_cast<std::int16_t>(offset), 0);
}
std::uint64_t jump_if_zero(int offset) {
    return instruction(0x15, 1, 0, static_cast<std::int16_t>(offset), 0);
}
std::uint64_t jump_if_not_zero(int offset) {
    return instruction(0x55, 1, 0, static_cast<std::int16_t>(offset), 0);
}
std::uint64_t call(std::int32_t distance) {
    return instruction(0x85, 0, kCallInternal, 0, distance);
}
std::uint64_t move(std::int32_t value) {
    return instruction(0xb7, 0, 0, 0, value);
}

Image image_of(const Slots& slots) {
    Image image{};
    image.entry_address = kCodeAddress;
    for (const std::uint64_t slot : slots) {
        for (int shift = 0; shift < 64; shift += 8) {
            image.code.push_back(static_cast<std::uint8_t>(slot >> shift));
        }
    }
    return image;
}

Slots slots_of(const Image& image) {
    Slots slots;
    for (std::size_t at = 0; at < image.code.size(); at += 8) {
        slots.push_back(elf::read<std::uint64_t>(image.code, at));
    }
    return slots;
}

Slots folded(const Slots& slots) {
    Image image = image_of(slots);
    fold(image);
    return slots_of(image);
}

Slots folded_where_all_is_rare(const Slots& slots) {
    Image image = image_of(slots);
    image.rare_code = {{0, image.code.size()}};
    fold(image);
    return slots_of(image);
}

void expect_unchanged(const Slots& slots) {
    EXPECT_EQ(folded(slots), slots);
    EXPECT_EQ(folded_where_all_is_rare(slots), slots);
}

TEST(Fold, EqualEndsThatAreJumpedTo) {
    // Of one function and of two.
    EXPECT_THAT(folded({jump_if_zero(2), move(1), kExit, move(1), kExit}),
                ElementsAre(jump_if_zero(0), move(1), kExit));
    EXPECT_THAT(folded({call(3), jump_if_zero(5), move(1), kExit, jump_if_zero(3), move(2), kExit,
                        kSyscall, move(3), kExit, move(3), kExit})
                    .size(),
                10U);
    expect_unchanged({jump_if_zero(2), move(1), kExit, move(2), kExit});
}

TEST(Fold, EqualEndsThatAreRunInto) {
    // {rare, others}: a jump that costs an instruction must save two.
    const Slots two = {jump_if_zero(3), kSyscall, move(1), kExit, move(2), move(1), kExit};
    EXPECT_EQ(folded(two), two);
    EXPECT_THAT(folded_where_all_is_rare(two),
                ElementsAre(jump_if_zero(3), kSyscall, move(1), kExit, move(2), jump(-4)));
    const Slots three = {jump_if_zero(4), kSyscall, move(7), move(1), kExit,
                         move(2),         move(7),  move(1), kExit};
    const auto short_three =
        ElementsAre(jump_if_zero(4), kSyscall, move(7), move(1), kExit, move(2), jump(-5));
    EXPECT_THAT(folded(three), short_three);
    EXPECT_THAT(folded_where_all_is_rare(three), short_three);
    // An exit is as long as a jump to it.
    expect_unchanged({jump_if_zero(2), move(1), kExit, move(2), kExit});
}

TEST(Fold, RareCodeStandsBehindTheRest) {
    Image image = image_of({move(1), move(2), kExit, jump_if_zero(1), kExit, move(2), kExit});
    image.rare_code = {{0, 24}};
    image.entry_address = kCodeAddress + 24;
    fold(image);
    EXPECT_THAT(slots_of(image),
                ElementsAre(jump_if_zero(1), kExit, move(2), kExit, move(1), jump(-4)));
    EXPECT_EQ(image.entry_address, kCodeAddress);
}

TEST(Fold, CallsAreEqualWhenTheirCalleesAre) {
    // The callees at 7 and 9 differ or not.
    const auto with = [](std::int32_t first, std::int32_t second) {
        return Slots{kTakeFrame, jump_if_zero(3), call(4),      move(5),   kExit,
                     call(3),    move(5),         kExit,        kUseFrame, move(first),
                     kExit,      kUseFrame,       move(second), kExit};
    };
    Slots same = with(1, 1);
    same[2] = call(5);
    same[5] = call(5);
    EXPECT_EQ(folded(same), (Slots{kTakeFrame, jump_if_zero(0), call(2), move(5), kExit, kUseFrame,
                                   move(1), kExit}));
    Slots other = with(1, 2);
    other[2] = call(5);
    other[5] = call(5);
    EXPECT_EQ(folded(other), other);
}

TEST(Fold, LoopsAreNotCompared) {
    expect_unchanged({jump_if_zero(3), move(1), jump_if_not_zero(-2), kExit, move(1),
                      jump_if_not_zero(-2), kExit});
    // Jumps back to the same place are.
    EXPECT_THAT(folded({move(1), jump_if_zero(2), jump_if_not_zero(-3), kExit, jump_if_not_zero(-5),
                        kExit}),
                ElementsAre(move(1), jump_if_zero(0), jump_if_not_zero(-3), kExit));
}

TEST(Fold, CallsBeforeAnExit) {
    // Nobody can look into the caller's frame.
    EXPECT_THAT(folded({kUseFrame, call(1), kExit, kUseFrame, move(1), kExit}),
                ElementsAre(kUseFrame, kUseFrame, move(1), kExit));
    // The callee does not write there.
    EXPECT_THAT(folded({kTakeFrame, call(1), kExit, move(1), kExit}),
                ElementsAre(kTakeFrame, move(1), kExit));
    // It does, or another whose frame it has does.
    expect_unchanged({kTakeFrame, call(1), kExit, kUseFrame, move(1), kExit});
    EXPECT_THAT(folded({kTakeFrame, call(1), kExit, move(1), call(1), kExit, kUseFrame, kExit}),
                ElementsAre(kTakeFrame, call(1), kExit, move(1), kUseFrame, kExit));
    // It takes the address in another way.
    expect_unchanged({instruction(0x7b, 1, 10, 0, 0), call(1), kExit, kUseFrame, kExit});
    expect_unchanged({instruction(0x0f, 1, 10, 0, 0), call(1), kExit, kUseFrame, kExit});
    expect_unchanged({instruction(0x2d, 1, 10, 0, 0), call(1), kExit, kUseFrame, kExit});
    // On a path that comes from another function.
    expect_unchanged(
        {call(2), move(3), kExit, jump_if_zero(1), kTakeFrame, call(1), kExit, kUseFrame, kExit});
    // Calls that something follows, and those of the VM.
    expect_unchanged({call(2), move(1), kExit, move(2), kExit});
    expect_unchanged({kSyscall, kExit});
}

TEST(Fold, WhatAJumpLeadsToStandsInItsPlace) {
    EXPECT_THAT(folded({jump_if_zero(2), move(1), jump(2), move(2), kExit, move(3), kExit}),
                ElementsAre(jump_if_zero(3), move(1), move(3), kExit, move(2), kExit));
    // Not where something runs into it.
    expect_unchanged({jump_if_zero(2), move(1), jump(1), move(2), move(3), kSyscall, kExit});
}

TEST(Fold, ConditionsAreInverted) {
    constexpr std::pair<std::uint8_t, std::uint8_t> kOpposites[] = {
        {0x15, 0x55}, {0x25, 0xb5}, {0x35, 0xa5}, {0x65, 0xd5}, {0x75, 0xc5},
        {0x2d, 0xbd}, {0x1d, 0x5d}, {0x3d, 0xad}, {0x6d, 0xdd}, {0x7d, 0xcd}};
    // The second condition runs into what is placed already.
    const auto with = [](std::uint8_t opcode) {
        return Slots{jump_if_zero(3), move(7),  kSyscall, kExit,   instruction(opcode, 1, 2, 3, 9),
                     move(7),         kSyscall, kExit,    move(2), kExit};
    };
    const auto check = [&](std::uint8_t opcode, std::uint8_t opposite) {
        EXPECT_THAT(folded(with(opcode)),
                    ElementsAre(jump_if_zero(3), move(7), kSyscall, kExit,
                                instruction(opposite, 1, 2, -4, 9), move(2), kExit))
            << int{opcode};
    };
    for (const auto& [opcode, opposite] : kOpposites) {
        check(opcode, opposite);
        check(opposite, opcode);
    }
    for (const std::uint8_t opcode : {std::uint8_t{0x45}, std::uint8_t{0x4d}}) {
        EXPECT_THAT(folded(with(opcode)),
                    ElementsAre(jump_if_zero(3), move(7), kSyscall, kExit,
                                instruction(opcode, 1, 2, 1, 9), jump(-5), move(2), kExit));
    }
}

TEST(Fold, EndlessJumps) {
    EXPECT_THAT(folded({jump(-1)}), ElementsAre(jump(-1)));
    EXPECT_THAT(folded({move(1), jump(-1)}), ElementsAre(move(1), jump(-1)));
    expect_unchanged({jump_if_zero(1), jump(0), jump(-2), kExit});
}

TEST(Fold, DistancesThatDoNotFit) {
    Slots slots = {jump_if_zero(3), move(1), move(2), kExit, move(3), move(4), kExit};
    slots.resize(40000, move(9));
    slots.insert(slots.end(), {jump_if_zero(1), kExit, move(3), move(4), kExit});
    const Slots near(slots.begin() + 30000, slots.end());
    EXPECT_EQ(folded(slots), slots);
    EXPECT_EQ(folded(near), near);
}

TEST(Fold, AddressesMove) {
    // Two functions that are the same, a load of the second's address, and one that is rare.
    Image image =
        image_of({move(9), kExit, instruction(0x18, 2, 0, 0, 64), instruction(0, 0, 0, 0, 1), kExit,
                  move(1), kSyscall, kExit, move(1), kSyscall, kExit});
    image.rare_code = {{0, 16}};
    image.code_addresses_in_code = {16};
    image.read_only_data.resize(32);
    elf::write<std::uint64_t>(image.read_only_data, 16, kCodeAddress + 40);
    elf::write<std::uint64_t>(image.read_only_data, 24, kCodeAddress + 40);
    image.code_addresses_in_data = {16};
    image.symbols = {{"constant", 16, 8, false},
                     {"rare", kCodeAddress, 16, true},
                     {"entry", kCodeAddress + 16, 24, true},
                     {"first", kCodeAddress + 40, 24, true},
                     {"second", kCodeAddress + 64, 24, true},
                     {"end", kCodeAddress + 88, 0, true}};
    image.entry_address = kCodeAddress + 16;
    fold(image);
    EXPECT_THAT(slots_of(image),
                ElementsAre(instruction(0x18, 2, 0, 0, 24), instruction(0, 0, 0, 0, 1), kExit,
                            move(1), kSyscall, kExit, move(9), kExit));
    EXPECT_EQ(image.entry_address, kCodeAddress);
    EXPECT_THAT(image.code_addresses_in_code, ElementsAre(0));
    EXPECT_EQ(elf::read<std::uint64_t>(image.read_only_data, 16), kCodeAddress + 24);
    // A constant that looks like an address is none.
    EXPECT_EQ(elf::read<std::uint64_t>(image.read_only_data, 24), kCodeAddress + 40);
    std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> symbols;
    for (const ImageSymbol& row : image.symbols) {
        symbols.emplace_back(row.name, row.address, row.size);
    }
    // What has become another function has no size of its own.
    EXPECT_THAT(symbols,
                ElementsAre(std::tuple("constant", 16, 8), std::tuple("entry", kCodeAddress, 24),
                            std::tuple("first", kCodeAddress + 24, 24),
                            std::tuple("second", kCodeAddress + 24, 0),
                            std::tuple("rare", kCodeAddress + 48, 16),
                            std::tuple("end", kCodeAddress + 64, 0)));
}

// Programs of functions whose first argument, r1, points to two words; r8 keeps it.
class RandomProgram {
  public:
    explicit RandomProgram(std::uint64_t seed) : random_(seed) {}

    Slots write() {
        Slots slots;
        std::vector<std::pair<std::size_t, std::size_t>> calls;
        std::vector<std::size_t> entries;
        const std::size_t functions = 1 + below(5);
        for (std::size_t function = 0; function < functions; ++function) {
            entries.push_back(slots.size());
            slots.push_back(instruction(0xbf, 8, 1, 0, 0));
            if (below(2) == 0) {
                slots.push_back(kUseFrame);
                slots.push_back(instruction(0x7b, 10, 3, -16, 0));
            }
            const bool has_frame = slots.size() - entries.back() > 1;
            write_body(slots, has_frame, functions, calls);
        }
        for (const auto& [at, function] : calls) {
            slots[at] = call(static_cast<std::int32_t>(entries[function]) -
                             static_cast<std::int32_t>(at) - 1);
        }
        return slots;
    }

    std::size_t below(std::size_t end) { return random_() % end; }

  private:
    void write_body(Slots& slots, bool has_frame, std::size_t functions,
                    std::vector<std::pair<std::size_t, std::size_t>>& calls) {
        // Groups of instructions; jumps lead to the beginning of one.
        std::vector<std::size_t> groups;
        std::vector<std::size_t> jumps;
        const std::size_t count = 2 + below(12);
        for (std::size_t group = 0; group < count; ++group) {
            groups.push_back(slots.size());
            // Few different instructions, so that many are equal.
            const auto reg = static_cast<std::uint8_t>(2 + below(2));
            const auto value = static_cast<std::int32_t>(below(2));
            switch (below(10)) {
                case 0:
                    slots.push_back(instruction(0x07, reg, 0, 0, value + 1));
                    break;
                case 1:
                    slots.push_back(instruction(0xb7, reg, 0, 0, value));
                    break;
                case 2:
                    slots.push_back(
                        instruction(0x7b, 1, reg, static_cast<std::int16_t>(8 * value), 0));
                    break;
                case 3:
                    slots.push_back(
                        instruction(0x79, reg, 1, static_cast<std::int16_t>(8 * value), 0));
                    break;
                case 4:
                    slots.push_back(kSyscall);
                    break;
                case 5:
                    if (has_frame) {
                        slots.push_back(instruction(0x79, reg, 10, -8, 0));
                    }
                    break;
                case 6:
                    if (has_frame) {
                        slots.push_back(kTakeFrame);
                        slots.push_back(instruction(0x07, 1, 0, 0, -16));
                    }
                    calls.emplace_back(slots.size(), below(functions));
                    slots.push_back(0);
                    // The callee may have left its own frame's address there.
                    slots.push_back(below(2) == 0 ? kExit : instruction(0xbf, 1, 8, 0, 0));
                    break;
                case 7:
                    slots.push_back(instruction(0xbf, 0, reg, 0, 0));
                    slots.push_back(kExit);
                    break;
                default: {
                    constexpr std::uint8_t kOpcodes[] = {0x05, 0x15, 0x55, 0x25, 0xb5, 0x45};
                    jumps.push_back(slots.size());
                    slots.push_back(instruction(kOpcodes[below(6)], reg, 0, 0, 1));
                }
            }
        }
        groups.push_back(slots.size());
        slots.push_back(kExit);
        for (const std::size_t at : jumps) {
            const auto offset = static_cast<std::int64_t>(groups[below(groups.size())]) -
                                static_cast<std::int64_t>(at) - 1;
            if ((slots[at] & 0xff) == 0x05) {
                slots[at] = jump(static_cast<int>(offset));
            } else {
                slots[at] |= static_cast<std::uint64_t>(static_cast<std::uint16_t>(offset)) << 16;
            }
        }
    }

    std::mt19937_64 random_;
};

// What the VM does with the instructions that RandomProgram writes.
class Machine {
  public:
    Machine(const Slots& code, std::size_t entry, std::uint64_t first, std::uint64_t second)
        : code_(code), at_(entry), memory_(kFrame * (kDepthMax + 2)) {
        memory_[0] = first;
        memory_[1] = second;
        reg_[2] = second;
        reg_[3] = first;
        reg_[10] = kFrame * 2 * 8;
    }

    // True when it comes to the end before the steps or the frames run out.
    bool run(int steps_max) {
        while (!is_finished_ && steps_max-- != 0 && frames_.size() < kDepthMax) {
            step(code_.at(at_++));
        }
        return is_finished_;
    }

    // r2 and r3 at every syscall; then r0 and the two words at the end.
    std::vector<std::uint64_t> trace;

  private:
    static constexpr std::uint64_t kFrame = 4;
    static constexpr std::size_t kDepthMax = 40;

    struct Frame {
        std::size_t back;
        std::uint64_t kept[4];
    };

    void step(std::uint64_t slot) {
        const auto opcode = static_cast<std::uint8_t>(slot);
        std::uint64_t& destination = reg_[slot >> 8 & 0xf];
        const std::uint64_t source = reg_[slot >> 12 & 0xf];
        const auto offset =
            static_cast<std::uint64_t>(std::int64_t{static_cast<std::int16_t>(slot >> 16)});
        const auto immediate = static_cast<std::uint64_t>(static_cast<std::int32_t>(slot >> 32));
        if ((opcode & 7) == 5) {
            jump(opcode, destination, offset, immediate, source_of(slot));
        } else if (opcode == 0x07) {
            destination += immediate;
        } else if (opcode == 0xb7) {
            destination = immediate;
        } else if (opcode == 0xbf) {
            destination = source;
        } else if (opcode == 0x79) {
            destination = memory_.at((source + offset) / 8);
        } else if (opcode == 0x7b) {
            memory_.at((destination + offset) / 8) = source;
        } else {
            ADD_FAILURE() << "unknown instruction " << int{opcode};
            is_finished_ = true;
        }
    }

    static std::uint64_t source_of(std::uint64_t slot) { return slot >> 12 & 0xf; }

    void jump(std::uint8_t opcode, std::uint64_t value, std::uint64_t offset,
              std::uint64_t immediate, std::uint64_t kind) {
        if (opcode == opcode::kCall) {
            call_function(immediate, kind);
        } else if (opcode == opcode::kExit) {
            leave();
        } else if (opcode == opcode::kJump || (opcode == 0x15 && value == immediate) ||
                   (opcode == 0x55 && value != immediate) ||
                   (opcode == 0x25 && value > immediate) ||
                   (opcode == 0xb5 && value <= immediate) ||
                   (opcode == 0x45 && (value & immediate) != 0)) {
            at_ += offset;
        }
    }

    void call_function(std::uint64_t distance, std::uint64_t kind) {
        if (kind == kCallSyscall) {
            trace.insert(trace.end(), {reg_[2], reg_[3]});
            return;
        }
        frames_.push_back({at_, {reg_[6], reg_[7], reg_[8], reg_[9]}});
        reg_[10] += kFrame * 8;
        at_ += distance;
    }

    void leave() {
        if (frames_.empty()) {
            trace.insert(trace.end(), {reg_[0], memory_[0], memory_[1]});
            is_finished_ = true;
            return;
        }
        at_ = frames_.back().back;
        std::copy_n(frames_.back().kept, 4, reg_ + 6);
        reg_[10] -= kFrame * 8;
        frames_.pop_back();
    }

    const Slots& code_;
    std::size_t at_;
    std::vector<std::uint64_t> memory_;
    std::vector<Frame> frames_;
    std::uint64_t reg_[11] = {};
    bool is_finished_ = false;
};

TEST(Fold, ProgramsMeanTheSame) {
    std::size_t before = 0;
    std::size_t after = 0;
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
        RandomProgram program(seed);
        const Slots slots = program.write();
        Image image = image_of(slots);
        if (program.below(2) == 0) {
            const std::size_t begin = program.below(slots.size()) * 8;
            image.rare_code = {{begin, image.code.size()}};
        }
        fold(image);
        const Slots folded_slots = slots_of(image);
        const std::size_t entry =
            static_cast<std::size_t>(image.entry_address - kCodeAddress) / kInstructionSize;
        before += slots.size();
        after += folded_slots.size();
        for (std::uint64_t input = 0; input < 4; ++input) {
            // Each jump that takes one step more saves two slots, which may be out of the way.
            Machine expected(slots, 0, input & 1, input >> 1);
            Machine actual(folded_slots, entry, input & 1, input >> 1);
            const bool is_finished = expected.run(2000);
            EXPECT_TRUE(actual.run(4000) || !is_finished) << "seed " << seed;
            if (!is_finished) {
                const std::size_t common = std::min(expected.trace.size(), actual.trace.size());
                expected.trace.resize(common);
                actual.trace.resize(common);
            }
            ASSERT_EQ(actual.trace, expected.trace) << "seed " << seed;
        }
    }
    EXPECT_LT(after, before * 19 / 20);
}

}  // namespace
}  // namespace latchkey::sbf_link
