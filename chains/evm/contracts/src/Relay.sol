// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Makes many calls in one transaction, none of which can stop another: so that one relayer's
/// transaction carries the approved actions of many wallets.
///
/// Calldata: items, one after the other and nothing behind the last:
///
///     wallet (20)  gas (3, big-endian)  size (2, big-endian)  data (size)
///
/// Each wallet is called with its data, with exactly its gas and without value. Answers 32 bytes:
/// bit i is set if item i failed, which is also logged if any did. An item fails if its call
/// reverts or runs out of gas, or if there is no code to call. The whole batch reverts, and nothing
/// has happened, if it is malformed or if the transaction's gas does not suffice for what an item
/// was promised: a call that gets less could fail for no other reason, and its wallet's approval
/// would be spent or refused wrongly.
///
/// The contract has no owner, no storage and no authority. Everybody can have it call anything, so
/// being called by it proves nothing: a wallet's approval must not name it as the executor, and
/// what is sent to it is lost.
contract Relay {
    /// The items that failed, bit i for item i. Logged if there are any.
    event ItemsFailed(uint256 items);

    /// The last item is shorter than its head says, or than a head.
    error ItemTruncated();

    /// The batch has more than 255 items.
    error TooManyItems();

    /// There was not enough gas left to give an item what it asks for.
    error GasTooLow();

    uint256 internal constant HEAD_SIZE = 25;
    uint256 internal constant ITEMS_MAX = 255;

    /// More than is spent between the look at the gas and the call, whose price includes, for an
    /// account that delegates (EIP-7702), looking up the code it delegates to (2,600).
    uint256 internal constant CALL_GAS = 3_000;

    fallback() external {
        uint256 failed;
        uint256 offset;
        for (uint256 i = 0; offset < msg.data.length; i++) {
            if (i == ITEMS_MAX) revert TooManyItems();
            bool done;
            (offset, done) = runItem(offset);
            if (!done) failed |= 1 << i;
        }
        if (failed != 0) emit ItemsFailed(failed);
        assembly ("memory-safe") {
            mstore(0x00, failed)
            return(0x00, 0x20)
        }
    }

    /// Calls the item that begins at an offset of the calldata. Returns the offset behind it and
    /// whether the call succeeded. What the call returns is not looked at, so that its size costs
    /// this contract nothing.
    function runItem(uint256 offset) private returns (uint256 end, bool done) {
        address wallet;
        uint256 gasLimit;
        uint256 size;
        assembly ("memory-safe") {
            let head := calldataload(offset)
            wallet := shr(96, head)
            gasLimit := and(shr(72, head), 0xffffff)
            size := and(shr(56, head), 0xffff)
        }
        end = offset + HEAD_SIZE + size;
        // A head that is cut off reads as if zeros followed, so its item ends behind the calldata
        // too.
        if (end > msg.data.length) revert ItemTruncated();
        if (wallet.code.length == 0) return (end, false);
        uint256 data;
        assembly ("memory-safe") {
            data := mload(0x40)
            calldatacopy(data, add(offset, HEAD_SIZE), size)
        }
        // A call gets at most 63/64 of what is left (EIP-150).
        uint256 left = gasleft();
        if (left - left / 64 < gasLimit + CALL_GAS) revert GasTooLow();
        assembly ("memory-safe") {
            done := call(gasLimit, wallet, 0, data, size, 0x00, 0x00)
        }
    }
}
