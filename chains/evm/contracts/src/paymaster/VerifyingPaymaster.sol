// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Costs} from "./Costs.sol";
import {IEntryPoint, PackedUserOperation} from "./EntryPoint.sol";
import {Paymaster} from "./Paymaster.sol";
import {SpendWindow, SpendWindows} from "./SpendWindow.sol";

/// Pays for operations that a signer has approved, one by one, up to a limit per sender and one in
/// total, each per period.
///
/// Its data in paymasterAndData: validAfter (6 bytes) validUntil (6) signature (65), big-endian,
/// nothing behind.
/// The signature is EIP-712 over Sponsorship below. An approval is good for one operation on one
/// chain,
/// EntryPoint and paymaster, and since the EntryPoint takes a nonce once, for one time.
///
/// Validation counts the most that the operation can cost, postOp takes back what it did not. So
/// within a bundle, too, the sum of what the EntryPoint has taken in a period is at most its limit.
/// If postOp does not come to an end, the most remains counted.
contract VerifyingPaymaster is Paymaster {
    using SpendWindows for SpendWindow;

    /// In wei, per period. Set by the owner; zero pays for nothing.
    struct Limits {
        uint128 perSender;
        uint128 total;
    }

    event LimitsChanged(uint128 perSender, uint128 total);

    uint256 internal constant DATA_SIZE = DATA_OFFSET + 12 + SIGNATURE_SIZE;

    /// More gas than postOp takes.
    uint256 internal constant POST_OP_GAS_MIN = 15_000;

    bytes32 internal constant SPONSORSHIP_TYPEHASH = keccak256(
        abi.encodePacked(
            "Sponsorship(Operation operation,uint48 validAfter,uint48 validUntil)", OPERATION_TYPE
        )
    );

    Limits public limits;
    SpendWindow internal total;
    mapping(address sender => SpendWindow) internal bySender;

    constructor(IEntryPoint entryPoint, uint48 periodSeconds, address firstOwner)
        Paymaster(entryPoint, periodSeconds, firstOwner)
    {}

    function setLimits(Limits calldata next) external onlyOwner {
        limits = next;
        emit LimitsChanged(next.perSender, next.total);
    }

    /// What was spent in a period, in wei: by a sender and in total. Counts of past periods are
    /// not kept.
    function spentIn(uint48 period, address sender)
        external
        view
        returns (uint256 bySenderSpent, uint256 totalSpent)
    {
        return (bySender[sender].spentIn(period), total.spentIn(period));
    }

    /// What the signer signs for an operation; of its paymasterAndData only the first 52 bytes
    /// count.
    function sponsorshipDigest(
        PackedUserOperation calldata operation,
        uint48 validAfter,
        uint48 validUntil
    ) public view returns (bytes32) {
        return digestOf(
            keccak256(
                abi.encode(SPONSORSHIP_TYPEHASH, operationHash(operation), validAfter, validUntil)
            )
        );
    }

    function validatePaymasterUserOp(
        PackedUserOperation calldata operation,
        bytes32,
        uint256 maxCost
    ) external onlyEntryPoint returns (bytes memory context, uint256 validationData) {
        if (signer == address(0)) revert Stopped();
        bytes calldata data = operation.paymasterAndData;
        if (data.length != DATA_SIZE) revert MalformedData();
        uint48 validAfter = uint48(bytes6(data[DATA_OFFSET:DATA_OFFSET + 6]));
        uint48 validUntil = uint48(bytes6(data[DATA_OFFSET + 6:DATA_OFFSET + 12]));
        uint48 period = periodOf(validAfter, validUntil);

        Limits memory present = limits;
        bySender[operation.sender].reserve(period, maxCost, present.perSender);
        total.reserve(period, maxCost, present.total);

        bool approved = isApproved(
            sponsorshipDigest(operation, validAfter, validUntil), data[DATA_OFFSET + 12:]
        );
        context =
            abi.encode(operation.sender, period, maxCost, gasAfter(operation, POST_OP_GAS_MIN));
        validationData = validationDataOf(approved, validAfter, validUntil);
    }

    function postOp(PostOpMode, bytes calldata context, uint256 costSoFar, uint256 feePerGas)
        external
        onlyEntryPoint
    {
        (address sender, uint48 period, uint256 maxCost, uint256 laterGas) =
            abi.decode(context, (address, uint48, uint256, uint256));
        uint256 unspent = maxCost - Costs.bound(maxCost, costSoFar, laterGas * feePerGas);
        bySender[sender].release(period, unspent);
        total.release(period, unspent);
    }

    function domainName() internal pure override returns (bytes32) {
        return keccak256("Latchkey VerifyingPaymaster");
    }
}
