// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/fold.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "tools/sbf-link/instruction.hpp"

namespace latchkey::sbf_link {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kOffsetField = 2;
constexpr std::size_t kImmediateField = 4;
constexpr std::size_t kSecondImmediateField = 12;
// Jumps to jumps that are followed; a loop of them must end.
constexpr int kHopsMax = 16;
// Instructions that must not be needed twice to be worth a jump where that costs time.
constexpr int kTailMin = 3;

// An instruction and where it leads, as indexes of instructions.
struct Node {
    // Its first slot; the offset of a jump and the distance of a call are cleared.
    std::size_t slot;
    Instruction code;
    std::array<std::uint8_t, 2 * kInstructionSize> bytes{};
    // Where it goes on; kNone behind an exit and an unconditional jump.
    std::size_t next = kNone;
    // What it jumps to, calls or loads the address of.
    std::size_t target = kNone;
    bool is_rare = false;

    bool is(std::uint8_t opcode) const { return code.opcode == opcode; }
};

// One slot or two of the new code.
struct Placed {
    std::size_t node;
    // Instead of the node's own.
    std::uint8_t opcode;
    std::size_t target;
};

bool is_invertible(std::uint8_t opcode) {
    // All but "set", whose opposite does not exist.
    return (opcode & 0xf0) != 0x40;
}

std::uint8_t inverted(std::uint8_t opcode) {
    // Pairs of (condition, opposite) in the upper four bits: eq ne, gt le, ge lt, and signed.
    constexpr std::uint8_t kOpposite[16] = {0, 5, 0xb, 0xa, 0, 1, 0xd, 0xc, 0, 0, 3, 2, 7, 6, 0, 0};
    return static_cast<std::uint8_t>(kOpposite[opcode >> 4] << 4 | (opcode & 0xf));
}

// Any other use of r10 than as the address of a load or a store.
bool takes_frame(const Instruction& code) {
    const bool is_load = code.instruction_class() == InstructionClass::kLoad;
    return (code.source == kFramePointer && !is_load) ||
           (code.destination == kFramePointer && (is_load || !code.is_memory_access()));
}

class Folder {
  public:
    explicit Folder(Image& image) : image_(image) {
        read_nodes();
        read_addresses();
    }

    void run() {
        replace_tail_calls();
        number_nodes();
        for (const bool rare : {false, true}) {
            for (std::size_t node = 0; node < nodes_.size(); ++node) {
                if (nodes_[node].is_rare == rare) {
                    place_from(node);
                }
            }
        }
        if (number_slots()) {
            write_code();
            write_addresses();
        }
    }

  private:
    std::span<std::uint8_t> code_at(std::size_t slot) {
        return std::span(image_.code).subspan(slot * kInstructionSize);
    }
    static std::size_t slot_of(std::uint64_t address) {
        return static_cast<std::size_t>(address - kCodeAddress) / kInstructionSize;
    }

    void read_nodes() {
        const std::size_t slots = image_.code.size() / kInstructionSize;
        node_at_.assign(slots + 1, kNone);
        for (std::size_t slot = 0; slot < slots;) {
            Node node;
            node.slot = slot;
            node.code = Instruction::decode(image_.code, slot * kInstructionSize);
            std::copy_n(code_at(slot).begin(), node.code.slots() * kInstructionSize,
                        node.bytes.begin());
            node_at_[slot] = nodes_.size();
            slot += node.code.slots();
            nodes_.push_back(node);
        }
        for (std::size_t index = 0; index < nodes_.size(); ++index) {
            Node& node = nodes_[index];
            const Instruction& code = node.code;
            if (!node.is(opcode::kExit) && !node.is(opcode::kJump) && index + 1 < nodes_.size()) {
                node.next = index + 1;
            }
            if (code.is_jump()) {
                node.target = node_behind(node, code.offset);
                elf::write<std::uint16_t>(node.bytes, kOffsetField, 0);
            } else if (node.is(opcode::kCall) && code.source == kCallInternal) {
                node.target = node_behind(node, code.immediate);
                elf::write<std::uint32_t>(node.bytes, kImmediateField, 0);
            }
        }
        for (const CodeRange& range : image_.rare_code) {
            for (Node& node : nodes_) {
                const std::size_t at = node.slot * kInstructionSize;
                node.is_rare = node.is_rare || (at >= range.begin && at < range.end);
            }
        }
    }

    std::size_t node_behind(const Node& node, std::int64_t distance) const {
        return node_at_[static_cast<std::size_t>(static_cast<std::int64_t>(node.slot) + 1 +
                                                 distance)];
    }

    void read_addresses() {
        for (const std::size_t offset : image_.code_addresses_in_code) {
            Node& node = nodes_[node_at_[offset / kInstructionSize]];
            node.target = node_at_[slot_of(
                elf::read<std::uint32_t>(node.bytes, kImmediateField) |
                std::uint64_t{elf::read<std::uint32_t>(node.bytes, kSecondImmediateField)} << 32)];
        }
    }

    // Calls `visit` with every instruction of the function at `entry`, its callees aside; ends when
    // that returns false, and returns whether it never did.
    template <typename Visit>
    bool all_of_function(std::size_t entry, Visit visit) {
        std::vector<std::size_t> pending = {entry};
        std::vector<bool> seen(nodes_.size(), false);
        while (!pending.empty()) {
            const std::size_t index = pending.back();
            pending.pop_back();
            if (index == kNone || seen[index]) {
                continue;
            }
            seen[index] = true;
            Node& node = nodes_[index];
            if (!visit(node)) {
                return false;
            }
            pending.push_back(node.next);
            if (node.code.is_jump()) {
                pending.push_back(node.target);
            }
        }
        return true;
    }

    bool is_tail_call(const Node& node) const {
        return node.is(opcode::kCall) && node.target != kNone && node.next != kNone &&
               nodes_[behind_jumps(node.next)].is(opcode::kExit);
    }

    static void make_jump(Node& node) {
        node.bytes = {opcode::kJump};
        node.code = Instruction::decode(node.bytes, 0);
        node.next = kNone;
    }

    // A callee may have the caller's frame when nobody can look into that any more: because its
    // address was never taken, or because the callee writes nothing there. The second is asked when
    // the first has made the callees longer.
    void replace_tail_calls() {
        std::set<std::size_t> entries = {node_at_[slot_of(image_.entry_address)]};
        for (const Node& node : nodes_) {
            if (node.target != kNone && !node.code.is_jump()) {
                entries.insert(node.target);
            }
        }
        for (const std::size_t offset : image_.code_addresses_in_data) {
            entries.insert(
                node_at_[slot_of(elf::read<std::uint64_t>(image_.read_only_data, offset))]);
        }
        std::vector<bool> keeps(nodes_.size(), false);
        for (const std::size_t entry : entries) {
            if (!all_of_function(entry, [](const Node& node) { return !takes_frame(node.code); })) {
                all_of_function(entry, [&](const Node& node) {
                    keeps[static_cast<std::size_t>(&node - nodes_.data())] = true;
                    return true;
                });
            }
        }
        std::vector<Node*> open;
        for (Node& node : nodes_) {
            if (!is_tail_call(node)) {
                continue;
            }
            if (keeps[static_cast<std::size_t>(&node - nodes_.data())]) {
                open.push_back(&node);
            } else {
                make_jump(node);
            }
        }
        std::map<std::size_t, bool> is_frameless;
        for (const std::size_t entry : entries) {
            is_frameless[entry] = all_of_function(entry, [](const Node& node) {
                return node.code.destination != kFramePointer && node.code.source != kFramePointer;
            });
        }
        for (Node* const node : open) {
            if (is_frameless.at(node->target)) {
                make_jump(*node);
            }
        }
    }

    std::size_t behind_jumps(std::size_t node) const {
        for (int hops = 0; hops < kHopsMax && nodes_[node].is(opcode::kJump); ++hops) {
            node = nodes_[node].target;
        }
        return node;
    }

    // The number of what happens from `node` on: that of the first node found that does the same.
    // A node that has no number yet, because the jump to it leads back, stands for itself.
    std::size_t number_of(std::size_t node) const {
        if (node == kNone) {
            return kNone;
        }
        const std::size_t real = behind_jumps(node);
        return number_[real] == kNone ? real : number_[real];
    }

    // From the last instruction to the first, so that what follows has its number already.
    void number_nodes() {
        using Key = std::tuple<std::array<std::uint8_t, 16>, std::size_t, std::size_t>;
        std::map<Key, std::size_t> known;
        number_.assign(nodes_.size(), kNone);
        for (std::size_t index = nodes_.size(); index-- != 0;) {
            const Node& node = nodes_[index];
            number_[index] =
                known.try_emplace({node.bytes, number_of(node.next), number_of(node.target)}, index)
                    .first->second;
        }
        place_.assign(nodes_.size(), kNone);
        runs_into_.assign(nodes_.size(), {});
        for (std::size_t index = 0; index < nodes_.size(); ++index) {
            if (nodes_[index].next != kNone) {
                runs_into_[number_[nodes_[index].next]].push_back(number_[index]);
            }
        }
    }

    bool is_placed(std::size_t node) const { return place_[number_of(node)] != kNone; }

    // Nothing that is not placed yet wants to stand before it.
    bool is_free(std::size_t node) const {
        const auto& before = runs_into_[number_of(node)];
        return !is_placed(node) &&
               std::all_of(before.begin(), before.end(),
                           [&](std::size_t other) { return place_[other] != kNone; });
    }

    void put(std::size_t node, std::uint8_t opcode, std::size_t target) {
        code_.push_back({.node = node, .opcode = opcode, .target = target});
    }

    // From `node` to the next instruction that nothing follows stand at least `count`.
    bool has_tail(std::size_t node, int count) const {
        while (node != kNone && --count != 0) {
            node = nodes_[node].next;
        }
        return node != kNone;
    }

    // Whether `next`, into which `here` runs, is placed behind it: as the one of its number, or
    // once more, because a jump to that would cost time.
    bool stays_behind(const Node& here, std::size_t next) const {
        return !is_placed(next) || (!here.is_rare && !has_tail(next, kTailMin));
    }

    // Places the instructions from `node` to the next one that nothing follows.
    void place_from(std::size_t node) {
        if (is_placed(node) ||
            (nodes_[node].is(opcode::kJump) && !nodes_[behind_jumps(node)].is(opcode::kJump))) {
            return;
        }
        while (node != kNone) {
            if (place_[number_[node]] == kNone) {
                place_[number_[node]] = code_.size();
            }
            put(node, nodes_[node].code.opcode, nodes_[node].target);
            node = place_next(nodes_[node], node);
        }
    }

    // What stands behind `here`, the node of index `at`; kNone when that leads elsewhere.
    std::size_t place_next(const Node& here, std::size_t at) {
        if (here.next == kNone) {
            return kNone;
        }
        const std::size_t next = behind_jumps(here.next);
        if (next == here.next ? stays_behind(here, next) : is_free(next)) {
            return next;
        }
        if (here.code.is_conditional_jump() && is_invertible(here.code.opcode) &&
            is_free(here.target)) {
            code_.back() = {.node = at, .opcode = inverted(here.code.opcode), .target = next};
            return behind_jumps(here.target);
        }
        put(next, nodes_[next].is(opcode::kExit) ? opcode::kExit : opcode::kJump, next);
        return kNone;
    }

    // False when a jump does not reach its target.
    bool number_slots() {
        std::size_t slot = 0;
        for (const Placed& placed : code_) {
            slots_.push_back(slot);
            slot += placed.opcode == opcode::kLoadImmediate64 ? 2 : 1;
        }
        slots_.push_back(slot);
        for (std::size_t at = 0; at < code_.size(); ++at) {
            const Placed& placed = code_[at];
            if (Instruction::is_jump_opcode(placed.opcode)) {
                const std::int64_t offset = distance(at, placed.target);
                if (offset < std::numeric_limits<std::int16_t>::min() ||
                    offset > std::numeric_limits<std::int16_t>::max()) {
                    return false;
                }
            }
        }
        return true;
    }

    std::size_t new_slot(std::size_t node) const { return slots_[place_[number_of(node)]]; }

    std::int64_t distance(std::size_t at, std::size_t target) const {
        return static_cast<std::int64_t>(new_slot(target)) - static_cast<std::int64_t>(slots_[at]) -
               1;
    }

    void write_code() {
        std::vector<std::uint8_t> code;
        image_.code_addresses_in_code.clear();
        for (std::size_t at = 0; at < code_.size(); ++at) {
            const Placed& placed = code_[at];
            const Node& node = nodes_[placed.node];
            auto bytes = node.bytes;
            if (placed.opcode != node.code.opcode) {
                const bool keeps =
                    node.code.is_conditional_jump() && placed.opcode != opcode::kJump;
                bytes = keeps ? bytes : decltype(bytes){};
                bytes[0] = placed.opcode;
            }
            if (Instruction::is_jump_opcode(placed.opcode)) {
                elf::write<std::uint16_t>(bytes, kOffsetField,
                                          static_cast<std::uint16_t>(distance(at, placed.target)));
            } else if (placed.opcode == opcode::kCall && placed.target != kNone) {
                elf::write<std::uint32_t>(bytes, kImmediateField,
                                          static_cast<std::uint32_t>(distance(at, placed.target)));
            } else if (placed.opcode == opcode::kLoadImmediate64 && placed.target != kNone) {
                image_.code_addresses_in_code.push_back(code.size());
                const std::uint64_t address =
                    kCodeAddress + new_slot(placed.target) * kInstructionSize;
                elf::write<std::uint32_t>(bytes, kImmediateField,
                                          static_cast<std::uint32_t>(address));
                elf::write<std::uint32_t>(bytes, kSecondImmediateField,
                                          static_cast<std::uint32_t>(address >> 32));
            }
            code.insert(code.end(), bytes.begin(),
                        bytes.begin() + static_cast<std::ptrdiff_t>((slots_[at + 1] - slots_[at]) *
                                                                    kInstructionSize));
        }
        image_.code = std::move(code);
    }

    std::uint64_t moved(std::uint64_t address) const {
        return kCodeAddress + new_slot(node_at_[slot_of(address)]) * kInstructionSize;
    }

    void write_addresses() {
        for (const std::size_t offset : image_.code_addresses_in_data) {
            const auto bytes = std::span(image_.read_only_data).subspan(offset);
            elf::write<std::uint64_t>(bytes, 0, moved(elf::read<std::uint64_t>(bytes, 0)));
        }
        image_.entry_address = moved(image_.entry_address);
        for (ImageSymbol& symbol : image_.symbols) {
            if (symbol.address >= kCodeAddress) {
                move_symbol(symbol);
            }
        }
        std::sort(image_.symbols.begin(), image_.symbols.end(),
                  [](const ImageSymbol& left, const ImageSymbol& right) {
                      return std::tie(left.address, left.name) <
                             std::tie(right.address, right.name);
                  });
        image_.rare_code.clear();
    }

    // The symbol's size becomes that of what still stands together from its first instruction on.
    void move_symbol(ImageSymbol& symbol) {
        const std::size_t begin = slot_of(symbol.address);
        const std::size_t end = slot_of(symbol.address + symbol.size);
        const std::size_t first = node_at_[begin];
        if (first == kNone) {
            symbol.address = kCodeAddress + slots_.back() * kInstructionSize;
            symbol.size = 0;
            return;
        }
        std::size_t at = place_[number_of(first)];
        symbol.address = kCodeAddress + slots_[at] * kInstructionSize;
        symbol.size = 0;
        for (; at < code_.size(); ++at) {
            const std::size_t slot = nodes_[code_[at].node].slot;
            if (slot < begin || slot >= end) {
                break;
            }
            symbol.size += (slots_[at + 1] - slots_[at]) * kInstructionSize;
        }
    }

    Image& image_;
    std::vector<Node> nodes_;
    // By slot.
    std::vector<std::size_t> node_at_;
    // By node: the node that stands for all that do the same.
    std::vector<std::size_t> number_;
    // By number: its place in code_, and the numbers of what goes on there without a jump.
    std::vector<std::size_t> place_;
    std::vector<std::vector<std::size_t>> runs_into_;
    std::vector<Placed> code_;
    // By place, and one more for the end: its slot in the new code.
    std::vector<std::size_t> slots_;
};

}  // namespace

void fold(Image& image) {
    Folder(image).run();
}

}  // namespace latchkey::sbf_link
