// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/tree.hpp"

#include <bit>

#include "core/crypto/hash.hpp"

namespace latchkey::core {

Result<ApprovalTree> ApprovalTree::build(std::span<const Leaf> leaves) {
    if (leaves.size() < 2 || leaves.size() > kTreeLeavesMax) {
        return fail(ErrorCode::kOutOfRange,
                    "an approval tree has 2 to 256 leaves, not " + std::to_string(leaves.size()));
    }
    std::vector<Hash32> level;
    level.reserve(std::bit_ceil(leaves.size()));
    for (const Leaf& leaf : leaves) {
        level.emplace_back(leaf.array());
    }
    level.resize(std::bit_ceil(leaves.size()), Hash32(empty_leaf().array()));

    ApprovalTree tree;
    while (level.size() > 1) {
        std::vector<Hash32> above;
        above.reserve(level.size() / 2);
        for (std::size_t i = 0; i < level.size(); i += 2) {
            above.push_back(crypto::keccak256({level[i].view(), level[i + 1].view()}));
        }
        tree.levels_.push_back(std::move(level));
        level = std::move(above);
    }
    tree.levels_.push_back(std::move(level));
    return tree;
}

ApprovalHash ApprovalTree::approval_hash() const {
    return ApprovalHash(crypto::keccak256({kTreeType[height() - 1], root().view()}).array());
}

Result<TreeProof> ApprovalTree::proof(std::size_t leaf_index) const {
    if (leaf_index >= size()) {
        return fail(ErrorCode::kOutOfRange, "the tree has " + std::to_string(size()) + " places");
    }
    TreeProof proof{
        .height = height(), .leaf_index = static_cast<std::uint8_t>(leaf_index), .siblings = {}};
    for (std::size_t level = 0; level < height(); ++level) {
        proof.siblings.push_back(levels_[level][leaf_index >> level ^ 1]);
    }
    return proof;
}

Judged<ApprovalHash> approval_hash_of(const Leaf& leaf, const TreeProof& proof) {
    if (proof.siblings.size() != proof.height) {
        return refuse(Verdict::kApprovalTree);
    }
    Bytes siblings;
    for (const Hash32& sibling : proof.siblings) {
        append(siblings, sibling);
    }
    ApprovalHash node(leaf.array());
    if (const Verdict bad =
            climb_tree(node.data(), siblings.data(), proof.height, proof.leaf_index);
        bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return node;
}

}  // namespace latchkey::core
