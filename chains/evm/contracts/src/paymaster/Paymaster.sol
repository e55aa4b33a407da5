// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEntryPoint, IPaymaster, PackedUserOperation} from "./EntryPoint.sol";

/// What both paymasters share: an owner, the EntryPoint, approvals by an off-chain signer, and how
/// the real cost of an operation is bounded from above.
///
/// Roles. The owner sets signer and limits, stops, and withdraws. The signer, a key of a server,
/// approves single operations and can do nothing else: whoever steals it can spend up to the limits
/// until the owner stops.
///
/// Time. Validation must not read the clock (ERC-7562, OP-011), yet limits count per period. So an
/// approval's validAfter and validUntil lie in one period, which they thereby name, and the
/// EntryPoint, which reads the clock, refuses the operation outside it. A service that approves
/// shortly before a period ends cuts validUntil to its last second.
///
/// Stake. Validation reads and writes storage of this contract that does not belong to the sender,
/// so bundlers serve it only with stake (ERC-7562, STO-031; the usual minimum is one unit of the
/// chain's coin, locked for a day). As a staked entity it answers for its reputation (GREP and EREP
/// rules): an operation that was valid when it was submitted and fails in the bundle counts against
/// it. The signer therefore approves nothing that could pass a limit together with what it has
/// approved before and what has not yet been carried out.
abstract contract Paymaster is IPaymaster {
    /// Only the EntryPoint may call this.
    error NotEntryPoint();

    /// Only the owner, or the one who was named to be it, may call this.
    error NotOwner();

    /// There is no signer: nothing is approved.
    error Stopped();

    /// The paymaster's data has the wrong size.
    error MalformedData();

    /// validAfter and validUntil do not lie in one period, or are no times.
    error MalformedTimes();

    /// The operation leaves postOp too little gas.
    error PostOpGasTooLow();

    /// An address or a period of zero.
    error Zero();

    event OwnerNamed(address indexed owner);
    event OwnerChanged(address indexed owner);
    event SignerChanged(address indexed signer);

    /// Where the paymaster's own data begins in paymasterAndData.
    uint256 internal constant DATA_OFFSET = 52;

    uint256 internal constant SIGNATURE_SIZE = 65;

    /// Gas that the EntryPoint spends after it has told postOp the cost so far, beside postOp
    /// itself. Its versions
    /// 0.7, 0.8 and 0.9 spend less.
    uint256 internal constant ENTRY_POINT_GAS = 10_000;

    /// The part of unused gas that the EntryPoint charges: at most a tenth.
    uint256 internal constant PENALTY_DIVISOR = 10;

    /// Times above are numbers of blocks to the EntryPoint 0.9.
    uint48 internal constant TIME_MAX = (1 << 47) - 1;

    /// Half of the order of secp256k1: of the two signatures (r, s), (r, -s) only the lower is
    /// accepted.
    uint256 internal constant S_MAX =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// All of an operation but its signature and, of paymasterAndData, the paymaster (it is the
    /// domain's verifyingContract) and its own data (the approval that refers to this).
    bytes internal constant OPERATION_TYPE = "Operation(address entryPoint,address sender,uint256 nonce,"
        "bytes initCode,bytes callData,bytes32 accountGasLimits,"
        "uint256 preVerificationGas,bytes32 gasFees,bytes32 paymasterGasLimits)";

    bytes32 internal constant OPERATION_TYPEHASH = keccak256(OPERATION_TYPE);

    IEntryPoint public immutable ENTRY_POINT;

    /// Length of a period in seconds. Period n is the seconds from n times it up to the next
    /// multiple.
    uint48 public immutable PERIOD_SECONDS;

    address public owner;
    address public namedOwner;

    /// Whose approvals count. Zero: stopped.
    address public signer;

    constructor(IEntryPoint entryPoint, uint48 periodSeconds, address firstOwner) {
        if (address(entryPoint) == address(0) || periodSeconds == 0 || firstOwner == address(0)) {
            revert Zero();
        }
        ENTRY_POINT = entryPoint;
        PERIOD_SECONDS = periodSeconds;
        owner = firstOwner;
        emit OwnerChanged(firstOwner);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner();
        _;
    }

    modifier onlyEntryPoint() {
        if (msg.sender != address(ENTRY_POINT)) revert NotEntryPoint();
        _;
    }

    // --- the owner
    // -----------------------------------------------------------------------------------------

    /// Names the next owner, who becomes it by accepting. Zero takes a naming back.
    function nameOwner(address next) external onlyOwner {
        namedOwner = next;
        emit OwnerNamed(next);
    }

    function acceptOwnership() external {
        if (msg.sender != namedOwner) revert NotOwner();
        owner = msg.sender;
        namedOwner = address(0);
        emit OwnerChanged(msg.sender);
    }

    /// Sets whose approvals count from now on. Zero stops the paymaster; money can still be
    /// withdrawn.
    function setSigner(address next) external onlyOwner {
        signer = next;
        emit SignerChanged(next);
    }

    /// Anybody may add to the deposit.
    function deposit() external payable {
        ENTRY_POINT.depositTo{value: msg.value}(address(this));
    }

    function withdraw(address payable to, uint256 amount) external onlyOwner {
        ENTRY_POINT.withdrawTo(to, amount);
    }

    function addStake(uint32 unstakeDelaySeconds) external payable onlyOwner {
        ENTRY_POINT.addStake{value: msg.value}(unstakeDelaySeconds);
    }

    function unlockStake() external onlyOwner {
        ENTRY_POINT.unlockStake();
    }

    function withdrawStake(address payable to) external onlyOwner {
        ENTRY_POINT.withdrawStake(to);
    }

    // --- approvals
    // -----------------------------------------------------------------------------------------

    /// The EIP-712 digest of a struct that this contract's signer signs.
    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, domainName(), keccak256("1"), block.chainid, address(this))
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// The hash of the domain's name: approvals of one kind of paymaster are none of another's.
    function domainName() internal pure virtual returns (bytes32);

    function operationHash(PackedUserOperation calldata operation) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                OPERATION_TYPEHASH,
                ENTRY_POINT,
                operation.sender,
                operation.nonce,
                keccak256(operation.initCode),
                keccak256(operation.callData),
                operation.accountGasLimits,
                operation.preVerificationGas,
                operation.gasFees,
                bytes32(operation.paymasterAndData[20:DATA_OFFSET])
            )
        );
    }

    /// Whether the signer signed. r, s, v as 65 bytes, v 27 or 28.
    function isApproved(bytes32 digest, bytes calldata signature) internal view returns (bool) {
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > S_MAX) return false;
        // ecrecover answers zero to what is no signature; the signer is not zero.
        return ecrecover(digest, uint8(signature[64]), r, s) == signer;
    }

    /// The period in which both times lie.
    function periodOf(uint48 validAfter, uint48 validUntil) internal view returns (uint48 period) {
        period = validUntil / PERIOD_SECONDS;
        // An end of 0 would be none to the EntryPoint.
        if (
            validUntil == 0 || validUntil > TIME_MAX || validAfter > validUntil
                || validAfter / PERIOD_SECONDS != period
        ) revert MalformedTimes();
    }

    /// What validatePaymasterUserOp answers beside the context.
    function validationDataOf(bool approved, uint48 validAfter, uint48 validUntil)
        internal
        pure
        returns (uint256)
    {
        return (approved ? 0 : 1) | uint256(validUntil) << 160 | uint256(validAfter) << 208;
    }

    // --- the cost
    // ------------------------------------------------------------------------------------------

    /// The gas that may still be charged when postOp is told the cost so far: its own, the
    /// EntryPoint's, and the penalty for unused gas, which version 0.7 adds only afterwards.
    /// Reverts if postOp would get less than it needs: it would run out of gas, and what the
    /// account did would be undone.
    function gasAfter(PackedUserOperation calldata operation, uint256 postOpGasMin)
        internal
        pure
        returns (uint256)
    {
        uint256 postOpGas = uint128(bytes16(operation.paymasterAndData[36:DATA_OFFSET]));
        if (postOpGas < postOpGasMin) revert PostOpGasTooLow();
        // The lower half.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint256 callGas = uint128(uint256(operation.accountGasLimits));
        return postOpGas + ENTRY_POINT_GAS + (callGas + postOpGas) / PENALTY_DIVISOR;
    }
}
