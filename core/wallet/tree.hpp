// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/authorization/leaf.hpp"
#include "core/wallet/digest.hpp"

/// Several actions under one approval (docs/spec/authorization.md, section 4).
namespace latchkey::core {

inline constexpr std::size_t kTreeLeavesMax = std::size_t{1} << kMaximumTreeHeight;

/// How one leaf is shown to belong to a tree.
struct TreeProof {
    /// 1 to 8.
    std::uint8_t height = 1;
    std::uint8_t leaf_index = 0;
    /// One for each level, from the leaf up.
    std::vector<Hash32> siblings{};

    friend bool operator==(const TreeProof&, const TreeProof&) = default;
};

/// A full binary tree over 2 to 256 leaves, padded with empty ones to the next power of two.
class ApprovalTree {
  public:
    /// A single action needs no tree. Errors: kOutOfRange for fewer than 2 or more than 256 leaves.
    static Result<ApprovalTree> build(std::span<const Leaf> leaves);

    std::uint8_t height() const { return static_cast<std::uint8_t>(levels_.size() - 1); }
    /// Places, padding included.
    std::size_t size() const { return levels_.front().size(); }
    const Hash32& root() const { return levels_.back().front(); }
    /// The root wrapped in the type of the tree's height.
    ApprovalHash approval_hash() const;
    Digest digest() const { return digest_of(approval_hash()); }

    /// Error: kOutOfRange beyond the last place.
    Result<TreeProof> proof(std::size_t leaf_index) const;

  private:
    ApprovalTree() = default;

    /// levels_[0] are the leaves, the last one is the root alone.
    std::vector<std::vector<Hash32>> levels_;
};

/// What the tree of this proof signs for, if `leaf` stands where the proof says. kApprovalTree for
/// a height, index or number of siblings out of range.
Judged<ApprovalHash> approval_hash_of(const Leaf& leaf, const TreeProof& proof);

}  // namespace latchkey::core
