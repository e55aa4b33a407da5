// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// ECDSA over P-256: the precompile of EIP-7951 (RIP-7212 before it) at 0x100 or, on a chain that
/// has none, code at an address that is the same everywhere.
library P256 {
    /// Half the order, the highest s.
    uint256 internal constant HALF_ORDER =
        0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;
    address internal constant PRECOMPILE = address(0x100);
    /// P256Verifier, made by the deterministic deployer with salt 0.
    address internal constant FALLBACK = 0x47E59e367B16b0c9BbFaea126F74570415A27458;

    /// Only an answer of 32 bytes that are 1 accepts. A bad signature and a missing precompile look
    /// the same, so the fallback is asked in both cases.
    function verify(bytes32 hash, uint256 r, uint256 s, uint256 x, uint256 y)
        internal
        view
        returns (bool)
    {
        bytes memory input = abi.encode(hash, r, s, x, y);
        return _accepts(PRECOMPILE, input) || _accepts(FALLBACK, input);
    }

    function _accepts(address verifier, bytes memory input) private view returns (bool isGood) {
        assembly ("memory-safe") {
            let done := staticcall(gas(), verifier, add(input, 0x20), mload(input), 0x00, 0x20)
            isGood := and(and(done, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }
}
