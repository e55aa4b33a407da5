// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/shorten.hpp"

#include <algorithm>
#include <limits>

#include "tools/sbf-link/instruction.hpp"

namespace latchkey::sbf_link {
namespace {

constexpr std::size_t kOffsetField = 2;
constexpr std::size_t kImmediateField = 4;
constexpr std::size_t kSecondImmediateField = 12;
// Jumps to jumps that are followed; a loop of them must end.
constexpr int kHopsMax = 16;
// r1 to r5.
constexpr unsigned kArguments = 0x3e;

// Works on slots of 8 bytes.
class Shortener {
  public:
    explicit Shortener(Image& image)
        : image_(image), slots_(image.code.size() / kInstructionSize), is_start_(slots_) {
        for (std::size_t slot = 0; slot < slots_; slot += at(slot).slots()) {
            is_start_[slot] = true;
        }
    }

    void run() {
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (is_start_[slot] && at(slot).is_jump()) {
                thread_jump(slot);
            }
        }
        choose_short_loads();
        store_constants();
        number_slots();
        move_addresses();
        move_code();
    }

  private:
    Instruction at(std::size_t slot) const {
        return Instruction::decode(image_.code, slot * kInstructionSize);
    }
    std::span<std::uint8_t> bytes_at(std::size_t slot) {
        return std::span(image_.code).subspan(slot * kInstructionSize);
    }
    std::size_t jump_target(std::size_t slot) const {
        return static_cast<std::size_t>(static_cast<std::int64_t>(slot) + 1 + at(slot).offset);
    }

    // Follows a jump to unconditional jumps; an unconditional one to an exit becomes the exit.
    void thread_jump(std::size_t slot) {
        std::size_t target = jump_target(slot);
        for (int hops = 0; hops < kHopsMax && at(target).opcode == opcode::kJump; ++hops) {
            target = jump_target(target);
        }
        const auto bytes = bytes_at(slot);
        if (!at(slot).is_conditional_jump() && at(target).opcode == opcode::kExit) {
            std::copy_n(bytes_at(target).begin(), kInstructionSize, bytes.begin());
            return;
        }
        const std::int64_t offset =
            static_cast<std::int64_t>(target) - static_cast<std::int64_t>(slot) - 1;
        if (offset >= std::numeric_limits<std::int16_t>::min() &&
            offset <= std::numeric_limits<std::int16_t>::max()) {
            elf::write<std::uint16_t>(bytes, kOffsetField, static_cast<std::uint16_t>(offset));
        }
    }

    // Addresses of code stay long: they are beyond 2^32.
    void choose_short_loads() {
        is_removed_.assign(slots_ + 1, false);
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (!is_start_[slot] || at(slot).opcode != opcode::kLoadImmediate64) {
                continue;
            }
            const auto bytes = bytes_at(slot);
            const auto low = elf::read<std::uint32_t>(bytes, kImmediateField);
            const auto high = elf::read<std::uint32_t>(bytes, kSecondImmediateField);
            // What sign extension of the low half gives.
            if (high == ((low >> 31) != 0 ? 0xffffffff : 0)) {
                // The VM ignores a load's source and offset, but not those of a move.
                elf::write<std::uint32_t>(
                    bytes, 0, opcode::kMove64Immediate | std::uint32_t{at(slot).destination} << 8);
                is_removed_[slot + 1] = true;
            }
        }
    }

    // Registers, a bit each, that an instruction reads and writes. A call may read all of its
    // arguments; an exit gives r6 to r9 back to the caller by itself.
    struct Effect {
        unsigned reads;
        unsigned writes;
    };
    static Effect effect_of(const Instruction& instruction) {
        const unsigned destination = 1U << instruction.destination;
        const unsigned source = 1U << instruction.source;
        const bool by_register = (instruction.opcode & 0x08) != 0;
        switch (instruction.instruction_class()) {
            case InstructionClass::kLoadImmediate:
                return {0, destination};
            case InstructionClass::kLoad:
                return {source, destination};
            case InstructionClass::kStoreImmediate:
                return {destination, 0};
            case InstructionClass::kStore:
                return {destination | source, 0};
            case InstructionClass::kAlu32:
            case InstructionClass::kAlu64:
                if ((instruction.opcode & 0xf0) == (opcode::kMove64Immediate & 0xf0)) {
                    return {by_register ? source : 0, destination};
                }
                return {by_register ? destination | source : destination, destination};
            default:
                break;
        }
        if (instruction.opcode == opcode::kCall || instruction.opcode == opcode::kCallRegister) {
            const bool is_pointer = instruction.opcode == opcode::kCallRegister;
            return {kArguments | (is_pointer ? destination : 0), kArguments | 1U};
        }
        if (instruction.opcode == opcode::kExit) {
            return {1U, 0};
        }
        if (instruction.opcode == opcode::kJump) {
            return {0, 0};
        }
        return {by_register ? destination | source : destination, 0};
    }

    // The next instruction; a load that became short has still its second slot.
    std::size_t following(std::size_t slot) const {
        do {
            ++slot;
        } while (slot < slots_ && !is_start_[slot]);
        return slot;
    }

    unsigned live_after(std::size_t slot) const {
        const Instruction instruction = at(slot);
        if (instruction.opcode == opcode::kExit) {
            return 0;
        }
        unsigned live = 0;
        if (instruction.is_jump()) {
            live |= live_before_[jump_target(slot)];
        }
        if (instruction.opcode != opcode::kJump) {
            live |= live_before_[following(slot)];
        }
        return live;
    }

    // Which registers are still read, before each instruction: the least solution.
    void find_live_registers() {
        live_before_.assign(slots_ + 2, 0);
        for (bool has_changed = true; has_changed;) {
            has_changed = false;
            for (std::size_t slot = slots_; slot-- > 0;) {
                if (!is_start_[slot]) {
                    continue;
                }
                const Effect effect = effect_of(at(slot));
                const unsigned live = (live_after(slot) & ~effect.writes) | effect.reads;
                has_changed |= live != live_before_[slot];
                live_before_[slot] = live;
            }
        }
    }

    // A constant that is loaded to be stored, and for nothing else, is stored by itself: LLVM knows
    // that instruction for newer processors alone.
    void store_constants() {
        find_live_registers();
        std::vector<bool> is_target(slots_ + 1);
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (is_start_[slot] && at(slot).is_jump()) {
                is_target[jump_target(slot)] = true;
            }
        }
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (is_start_[slot] && at(slot).opcode == opcode::kMove64Immediate) {
                store_constant(slot, is_target);
            }
        }
    }

    void store_constant(std::size_t slot, const std::vector<bool>& is_target) {
        const Instruction move = at(slot);
        const unsigned constant = 1U << move.destination;
        std::vector<std::size_t> stores;
        for (std::size_t next = following(slot); next < slots_ && !is_target[next];
             next = following(next)) {
            const Instruction instruction = at(next);
            const Effect effect = effect_of(instruction);
            if ((effect.reads & constant) != 0) {
                if (instruction.instruction_class() != InstructionClass::kStore ||
                    instruction.destination == move.destination) {
                    return;
                }
                stores.push_back(next);
            }
            if ((effect.writes & constant) != 0 || (live_after(next) & constant) == 0) {
                for (const std::size_t store : stores) {
                    const auto bytes = bytes_at(store);
                    // The class alone differs; the source is not looked at.
                    bytes[0] = static_cast<std::uint8_t>(bytes[0] - 1);
                    bytes[1] = static_cast<std::uint8_t>(bytes[1] & 0x0f);
                    elf::write<std::uint32_t>(bytes, kImmediateField,
                                              static_cast<std::uint32_t>(move.immediate));
                }
                is_removed_[slot] = !stores.empty();
                return;
            }
            if (instruction.is_jump()) {
                return;
            }
        }
    }

    void number_slots() {
        std::size_t next = 0;
        for (std::size_t slot = 0; slot <= slots_; ++slot) {
            new_slot_.push_back(next);
            next += is_removed_[slot] ? 0 : 1;
        }
    }

    std::uint64_t moved(std::uint64_t address) const {
        return kCodeAddress +
               new_slot_[static_cast<std::size_t>(address - kCodeAddress) / kInstructionSize] *
                   kInstructionSize;
    }

    void move_addresses() {
        for (std::size_t& offset : image_.code_addresses_in_code) {
            const auto bytes = std::span(image_.code).subspan(offset);
            const std::uint64_t address =
                moved(elf::read<std::uint32_t>(bytes, kImmediateField) |
                      std::uint64_t{elf::read<std::uint32_t>(bytes, kSecondImmediateField)} << 32);
            elf::write<std::uint32_t>(bytes, kImmediateField, static_cast<std::uint32_t>(address));
            elf::write<std::uint32_t>(bytes, kSecondImmediateField,
                                      static_cast<std::uint32_t>(address >> 32));
            offset = new_slot_[offset / kInstructionSize] * kInstructionSize;
        }
        for (const std::size_t offset : image_.code_addresses_in_data) {
            const auto bytes = std::span(image_.read_only_data).subspan(offset);
            elf::write<std::uint64_t>(bytes, 0, moved(elf::read<std::uint64_t>(bytes, 0)));
        }
        for (ImageSymbol& symbol : image_.symbols) {
            if (symbol.address >= kCodeAddress) {
                const std::uint64_t end = moved(symbol.address + symbol.size);
                symbol.address = moved(symbol.address);
                symbol.size = end - symbol.address;
            }
        }
        for (CodeRange& range : image_.rare_code) {
            range = {new_slot_[range.begin / kInstructionSize] * kInstructionSize,
                     new_slot_[range.end / kInstructionSize] * kInstructionSize};
        }
        image_.entry_address = moved(image_.entry_address);
    }

    // The distance from behind `slot` to `target`, both as they are numbered now.
    std::int64_t new_distance(std::size_t slot, std::size_t target) const {
        return static_cast<std::int64_t>(new_slot_[target]) -
               static_cast<std::int64_t>(new_slot_[slot]) - 1;
    }

    void move_code() {
        std::vector<std::uint8_t> code;
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (is_removed_[slot]) {
                continue;
            }
            const auto bytes = bytes_at(slot);
            const Instruction instruction = at(slot);
            if (is_start_[slot] && instruction.is_jump()) {
                elf::write<std::uint16_t>(
                    bytes, kOffsetField,
                    static_cast<std::uint16_t>(new_distance(slot, jump_target(slot))));
            } else if (is_start_[slot] && instruction.opcode == opcode::kCall &&
                       instruction.source == kCallInternal) {
                const auto target = static_cast<std::size_t>(static_cast<std::int64_t>(slot) + 1 +
                                                             instruction.immediate);
                elf::write<std::uint32_t>(bytes, kImmediateField,
                                          static_cast<std::uint32_t>(new_distance(slot, target)));
            }
            code.insert(code.end(), bytes.begin(), bytes.begin() + kInstructionSize);
        }
        image_.code = std::move(code);
    }

    Image& image_;
    std::size_t slots_;
    std::vector<bool> is_start_;
    // The second slots of loads that became short, and loads of what is stored as it is; one more
    // element, for the end.
    std::vector<bool> is_removed_;
    std::vector<unsigned> live_before_;
    std::vector<std::size_t> new_slot_;
};

}  // namespace

void shorten(Image& image) {
    Shortener(image).run();
}

}  // namespace latchkey::sbf_link
