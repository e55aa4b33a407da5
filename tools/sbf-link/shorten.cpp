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
    // The second slots of loads that became short; one more element, for the end.
    std::vector<bool> is_removed_;
    std::vector<std::size_t> new_slot_;
};

}  // namespace

void shorten(Image& image) {
    Shortener(image).run();
}

}  // namespace latchkey::sbf_link
