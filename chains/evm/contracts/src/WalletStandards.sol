// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionNumber, ActionReader} from "./Action.sol";
import {Approvals, IERC1271} from "./Approvals.sol";
import {Call, Calls} from "./Calls.sol";
import {Configuration} from "./Configuration.sol";
import {Leaves} from "./Leaves.sol";
import {Limits} from "./Limits.sol";
import {bytesAt} from "./Memory.sol";
import {Messages} from "./Messages.sol";
import {Storage} from "./Storage.sol";
import {PackedUserOperation} from "./UserOperation.sol";
import {Validation} from "./Validation.sol";
import {Verdict, require_} from "./Verdicts.sol";
import {Waiting} from "./Waiting.sol";
import {WalletBase} from "./WalletBase.sol";

/// What other programs expect of an account: ERC-165, 1271 with 7739, 5267, 7821, 4337, and
/// EIP-7702.
contract WalletStandards is WalletBase {
    using ActionReader for Action;

    uint256 private constant HEAD_RUN = 0x60;
    uint256 private constant HEAD_ADOPT = 0x61;

    address private constant ENTRY_POINT_07 = 0x0000000071727De22E5E9d8BAf0edAc6f37da032;
    address private constant ENTRY_POINT_08 = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;
    address private constant ENTRY_POINT_09 = 0x433709009B8330FDa32311DF1C2AFA402eD8D009;

    uint256 private constant MESSAGE_LEAF = 0;
    uint256 private constant MESSAGE_PERSONAL = 1;
    uint256 private constant MESSAGE_TYPED = 2;

    bytes32 private constant ERC7821_MODE = bytes32(uint256(0x01000000000000000000) << 176);
    bytes32 private constant ERC7821_MODE_OP_DATA = bytes32(uint256(0x01000000000078210001) << 176);

    event Adopted(bytes32 indexed wallet, bytes genesis);

    /// Ether with no data is taken by the clone, before it gets here.
    receive() external payable {}

    fallback() external payable {
        _requireWallet();
        require_(uint8(msg.data[0]) == HEAD_ADOPT, Verdict.UNKNOWN_ACTION);
        _adopt();
    }

    // ---------------------------------------------------------------- ERC-165, ERC-1271, ERC-5267,
    // ERC-7821

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x1626ba7e || id == 0x150b7a02 || id == 0x4e2312e0
            || id == 0x19822f7c;
    }

    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (0x0f, "Latchkey", "1", block.chainid, address(this), 0, new uint256[](0));
    }

    /// `signature`: the long form of `message`. Refuses with a reason rather than with another
    /// answer.
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        if (signature.length == 0) {
            // How ERC-7739 asks whether it is understood.
            return hash == 0x7739773977397739773977397739773977397739773977397739773977397739
                ? bytes4(0x77390001)
                : bytes4(0xffffffff);
        }
        Action memory action;
        _begin(action, ActionNumber.MESSAGE, signature);
        require_(action.take(1) == HEAD_ACTION | ActionNumber.MESSAGE, Verdict.UNKNOWN_ACTION);
        _open(action, ActionReader.FLAG_TREE);
        _checkRule(action, Configuration.MESSAGE);
        _requireThawed(action);
        Approvals.checkQuorum(action);
        uint256 form = action.take(1);
        bytes32 digest;
        if (form == MESSAGE_LEAF) {
            digest = Leaves.digest(action, Leaves.message(action, hash));
        } else {
            require_(form <= MESSAGE_TYPED && action.flags == 0, Verdict.RESERVED_BITS);
            digest =
                form == MESSAGE_PERSONAL ? Messages.personal(hash) : Messages.typed(action, hash);
        }
        Approvals.verify(action, digest);
        return IERC1271.isValidSignature.selector;
    }

    function supportsExecutionMode(bytes32 mode) external pure returns (bool) {
        return _isMode(mode, ERC7821_MODE) || _isMode(mode, ERC7821_MODE_OP_DATA);
    }

    /// ERC-7821. Without opData it is for the account's own key (EIP-7702); opData is the long
    /// form of
    /// `execute` without its calls.
    function execute(bytes32 mode, bytes calldata executionData) external payable {
        bool hasOpData = _isMode(mode, ERC7821_MODE_OP_DATA);
        require_(hasOpData || _isMode(mode, ERC7821_MODE), Verdict.UNKNOWN_ACTION);
        bytes memory opData;
        Call[] memory calls;
        // The optional second member exists when the first one begins behind it.
        bool isPair = hasOpData && uint256(bytes32(executionData[:32])) == 0x40;
        if (isPair) {
            (calls, opData) = abi.decode(executionData, (Call[], bytes));
        } else {
            calls = abi.decode(executionData, (Call[]));
        }
        for (uint256 i = 0; i < calls.length; ++i) {
            if (calls[i].to == address(0)) {
                calls[i].to = address(this);
            }
        }
        if (opData.length == 0) {
            require_(msg.sender == address(this), Verdict.THRESHOLD_NOT_MET);
            Calls.run(calls);
            return;
        }
        require_(calls.length <= 16, Verdict.TOO_MANY_CALLS);
        uint256 offset = uint256(bytes32(executionData[32:64]));
        uint256 size = uint256(bytes32(executionData[offset:offset + 32]));
        Action memory action;
        _begin(action, ActionNumber.EXECUTE, executionData[offset + 32:offset + 32 + size]);
        require_(action.take(1) == HEAD_ACTION | ActionNumber.EXECUTE, Verdict.UNKNOWN_ACTION);
        _openApproved(action);
        // Its body is made of decoded calls, not of packed ones, so it cannot wait.
        require_(action.rule.wait == 0, Verdict.ACTION_NOT_ALLOWED);
        _execute(action, calls, "");
    }

    function _isMode(bytes32 mode, bytes32 wanted) private pure returns (bool) {
        // callType, execType, reserved 4 bytes, selector 4 bytes; the rest is free.
        return bytes10(mode) == bytes10(wanted);
    }

    // ---------------------------------------------------------------- ERC-4337

    /// `signature`: the long form of a user operation. Rule, scope, times and limits are judged
    /// here,
    /// where a refusal costs the wallet nothing.
    function validateUserOp(
        PackedUserOperation calldata operation,
        bytes32 userOpHash,
        uint256 missingAccountFunds
    ) external payable returns (uint256 validationData) {
        require_(_isEntryPoint(), Verdict.NOT_THE_ENTRY_POINT);
        Action memory action;
        _begin(action, ActionNumber.USER_OPERATION, operation.signature);
        require_(action.take(1) == HEAD_ACTION, Verdict.UNKNOWN_ACTION);
        action.isTolerant = true;
        // The clock is out of reach here (ERC-7562).
        action.time = action.take(5);
        _open(action, ActionReader.FLAG_TREE | ActionReader.FLAG_DEADLINE);
        _checkRule(action, Configuration.EXECUTE);
        require_(action.rule.wait == 0, Verdict.ACTION_NOT_ALLOWED);
        Approvals.checkQuorum(action);
        Approvals.verify(action, Leaves.digest(action, Leaves.userOperation(action, userOpHash)));
        uint256 thaw = Waiting.frozenUntil(action.hot);
        if (thaw > action.validAfter) {
            action.validAfter = thaw;
        }
        if (action.deadline < action.validUntil) {
            action.validUntil = action.deadline;
        }
        require_(action.validUntil != 0, Verdict.DEADLINE_PASSED);
        _checkOperation(action, operation);
        // To the EntryPoint 0 says for ever.
        require_(action.validUntil != 0, Verdict.RULE_EXPIRED);
        if (missingAccountFunds != 0) {
            assembly ("memory-safe") {
                // The EntryPoint looks whether it came.
                pop(call(gas(), caller(), missingAccountFunds, 0, 0, 0, 0))
            }
        }
        validationData = (action.isForeign ? 1 : 0) | (action.validAfter << 208);
        if (action.validUntil < type(uint48).max) {
            validationData |= action.validUntil << 160;
        }
    }

    function _checkOperation(Action memory action, PackedUserOperation calldata operation) private {
        bytes calldata data = operation.callData;
        Call[] memory calls;
        if (data.length != 0) {
            Action memory body;
            _begin(body, 0, data);
            require_(body.take(1) == HEAD_RUN, Verdict.UNKNOWN_ACTION);
            calls = Calls.read(body);
            body.close();
        }
        Calls.checkTargets(calls, action.rule);
        // What the operation may cost at most is spent, unless somebody else pays. To EntryPoint 0.7
        // a paymaster at address zero is none.
        uint256 fee = 0;
        bytes calldata paymaster = operation.paymasterAndData;
        if (paymaster.length == 0) {
            uint256 gas_ = operation.preVerificationGas
                + (uint256(operation.accountGasLimits) >> 128)
                + uint128(uint256(operation.accountGasLimits));
            fee = gas_ * uint128(uint256(operation.gasFees));
        } else {
            require_(bytes20(paymaster) != 0, Verdict.NON_CANONICAL);
        }
        if (action.rule.limits != 0) {
            Limits.book(action, calls, fee, _counters(action));
        } else {
            // A scope does not name whom gas is paid to.
            require_(action.rule.scope == 0 || fee == 0, Verdict.ASSET_NOT_LISTED);
        }
    }

    function _isEntryPoint() private view returns (bool) {
        return msg.sender == ENTRY_POINT_08 || msg.sender == ENTRY_POINT_07
            || msg.sender == ENTRY_POINT_09;
    }

    // ---------------------------------------------------------------- EIP-7702

    /// An externally owned account becomes a wallet, by a signature of its key. size(2), genesis,
    /// r, s.
    function _adopt() private {
        Action memory action;
        _begin(action, 0, _data());
        action.position += 1;
        action.hot = Storage.load(Storage.HOT);
        require_(action.hot & (Storage.ADOPTED | Storage.CONFIGURED) == 0, Verdict.STATE_EXISTS);
        uint256 size = action.take(2);
        uint256 start = action.takeBytes(size);
        Validation.validateShared(start, start + size, true);
        bytes memory genesis = bytesAt(start, size);
        bytes32 walletId = _accountId(genesis);
        address signer = Approvals.recover(action, Leaves.ofLeaf(Leaves.adopt(walletId)));
        require_(signer == address(this), Verdict.KEY_MISMATCH);
        action.close();
        Storage.store(Storage.CONFIGURATION, uint256(walletId));
        Storage.store(Storage.HOT, action.hot | Storage.ADOPTED);
        emit Adopted(walletId, genesis);
    }
}
