// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {WaitingProof} from "../proofs/Waiting.sol";
import {Action, ActionNumber} from "../src/Action.sol";
import {Storage} from "../src/Storage.sol";
import {Record, Waiting} from "../src/Waiting.sol";
import {Test} from "./support/Test.sol";

/// The record that was proved.
contract ProvedRecord is WaitingProof {
    function state() external view returns (bytes32) {
        return keccak256(abi.encode(action, earliest, tie, guarded, cancels, since));
    }
}

/// The record of the wallet, in its storage: of one rule of the recovery part, and of another that may be
/// under way.
contract KeptRecord {
    uint256 internal constant RULE = 0x81;
    uint256 internal constant OTHER = 0x82;

    function _action(uint256 name, uint256 parties, uint16 guard)
        private
        view
        returns (Action memory action)
    {
        action.number = ActionNumber.POLICY;
        action.ruleName = name;
        action.parties = parties;
        action.commitment = bytes32((uint256(guard) << 240) | 1);
        uint256 shift = Storage.RECOVERY_RECORDS_SHIFT + (OTHER & 0x0f);
        if (Waiting.load(Storage.record(OTHER)).earliest != 0) action.hot = 1 << shift;
    }

    function propose(bytes calldata body, uint32 wait, uint16 guard) external {
        Action memory action = _action(RULE, 1, guard);
        action.rule.wait = wait;
        Waiting.propose(action, body);
    }

    function take(bytes calldata body) external {
        Waiting.take(_action(RULE, 0, 0), keccak256(body));
    }

    /// `ahead`: of the epoch that the cancel must name.
    function cancel(bool isStrong, uint256 ahead) external {
        Record memory record = Waiting.load(Storage.record(RULE));
        uint256 named = record.action == 0 ? record.epoch : record.epoch - 1;
        Waiting.cancel(_action(isStrong ? RULE : 0, 1, 0), named + ahead, RULE);
    }

    function proposeOther(uint32 delay) external {
        Action memory action = _action(OTHER, 1, 0);
        action.number = ActionNumber.RECOVER;
        action.rule.wait = delay;
        Waiting.propose(action, "recovery");
    }

    function forgetOther() external {
        Record memory record = Waiting.load(Storage.record(OTHER));
        uint256 named = record.action == 0 ? record.epoch : record.epoch - 1;
        Waiting.cancel(_action(OTHER, 1, 0), named, OTHER);
    }

    function digestOf(bytes calldata body) external view returns (uint256) {
        return uint256(Waiting.digestOf(ActionNumber.POLICY, keccak256(body)));
    }

    function earliest() external view returns (uint256) {
        return Waiting.load(Storage.record(RULE)).earliest;
    }

    function state() external view returns (bytes32) {
        Record memory record = Waiting.load(Storage.record(RULE));
        return keccak256(
            abi.encode(
                record.action,
                record.earliest,
                record.tie,
                record.guarded,
                record.cancels,
                record.cancelsSince
            )
        );
    }
}

/// The record that proofs/Waiting.sol proves and the one that the wallet keeps, side by side.
contract StepsTest is Test {
    ProvedRecord internal proved = new ProvedRecord();
    KeptRecord internal kept = new KeptRecord();
    uint256 internal time = 1_700_000_000;

    /// Both do the same, or neither does anything.
    function _both(bytes memory toKept, bytes memory toProved) private returns (bool done) {
        (done,) = address(kept).call(toKept);
        (bool other,) = address(proved).call(toProved);
        vm.assertEq(other, done);
        vm.assertEq(proved.state(), kept.state());
    }

    function _pass(uint256 dice) private {
        uint256[8] memory steps =
            [uint256(0), 1 hours, 1 days, 2 days, 14 days, 14 days + 1, 45 days, 90 days + 1];
        uint256 due = kept.earliest();
        uint256 kind = dice % 12;
        if (kind < 8) time += steps[kind];
        else if (kind == 8 && due > time) time = due - 1;
        else if (kind == 9 && due > time) time = due;
        else if (kind == 10 && due + 14 days > time) time = due + 14 days;
        else if (kind == 11 && due + 14 days >= time) time = due + 14 days + 1;
        vm.warp(time);
    }

    function testFuzz_side_by_side(uint256 seed) external {
        for (uint256 i = 0; i < 48; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            _pass(dice >> 32);
            bytes memory body = (dice >> 64) % 8 == 0 ? bytes("other") : bytes("body");
            uint256 digest = kept.digestOf(body);
            bool isTie = (dice >> 80) % 2 == 0;
            uint256 kind = dice % 8;
            if (kind < 2) {
                uint32 delay = uint32((dice >> 96) % 4 days);
                uint16 guard = uint16((dice >> 128) % 3 * 48);
                _both(
                    abi.encodeCall(
                        KeptRecord.propose, (body, isTie ? delay | 1 << 31 : delay, guard)
                    ),
                    abi.encodeCall(
                        WaitingProof.propose,
                        (uint8(ActionNumber.POLICY), digest, delay, uint32(guard) * 1 hours, isTie)
                    )
                );
            } else if (kind < 5) {
                _both(
                    abi.encodeCall(KeptRecord.take, (body)),
                    abi.encodeCall(WaitingProof.take, (uint8(ActionNumber.POLICY), digest))
                );
            } else if (kind == 5) {
                (bool done,) = address(kept).call(abi.encodeCall(KeptRecord.cancel, (isTie, 1)));
                vm.assertFalse(done, "a cancel of another epoch");
                _both(
                    abi.encodeCall(KeptRecord.cancel, (isTie, 0)),
                    abi.encodeCall(WaitingProof.cancel, (isTie))
                );
            } else if (kind == 6) {
                uint32 delay = uint32((dice >> 96) % 4 days);
                (bool done,) = address(kept).call(abi.encodeCall(KeptRecord.proposeOther, (delay)));
                if (done) proved.proposeRecovery(delay);
            } else {
                kept.forgetOther();
                proved.forgetRecovery();
            }
        }
    }
}
