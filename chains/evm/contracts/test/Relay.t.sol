// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Relay} from "../src/Relay.sol";
import {Test} from "./support/Test.sol";

/// Remembers how it was called.
contract Recorder {
    uint256 public calls;
    uint256 public gasAtEntry;
    address public caller;
    bytes public data;

    fallback() external payable {
        uint256 left = gasleft();
        gasAtEntry = left;
        caller = msg.sender;
        data = msg.data;
        calls += 1;
    }
}

/// Does what its first byte says.
contract Misbehaving {
    uint256 public calls;

    fallback() external payable {
        calls += 1;
        if (msg.data[0] == 0x01) revert("no");
        if (msg.data[0] == 0x02) {
            while (true) {}
        }
        if (msg.data[0] == 0x03) {
            // All of its gas goes into memory, which is returned.
            assembly {
                revert(0, 1000000)
            }
        }
        if (msg.data[0] == 0x04) {
            assembly {
                return(0, 1000000)
            }
        }
        if (msg.data[0] == 0x05) {
            assembly {
                invalid()
            }
        }
        if (msg.data[0] == 0x06) {
            // Calls the relay with the rest of its data.
            (bool ok,) = msg.sender.call(msg.data[1:]);
            require(ok);
        }
    }
}

contract RelayTest is Test {
    uint256 internal constant GAS = 200_000;

    Relay internal relay;
    Recorder internal recorder;
    Recorder internal other;
    Misbehaving internal misbehaving;

    function setUp() external {
        relay = new Relay();
        recorder = new Recorder();
        other = new Recorder();
        misbehaving = new Misbehaving();
    }

    // --- what it does ------------------------------------------------------------------------------------

    function test_calls_in_order_with_data() external {
        bytes memory batch = bytes.concat(
            item(recorder, GAS, "first"), item(other, GAS, ""), item(recorder, GAS, "second")
        );
        vm.assertEq(run(batch), 0);
        vm.assertEq(recorder.calls(), 2);
        vm.assertEq(recorder.data(), "second");
        vm.assertEq(recorder.caller(), address(relay));
        vm.assertEq(other.calls(), 1);
        vm.assertEq(other.data(), "");
    }

    function test_no_items() external {
        vm.assertEq(run(""), 0);
    }

    function test_largest_data() external {
        bytes memory data = new bytes(65_535);
        data[65_534] = 0x07;
        vm.assertEq(run(item(recorder, 16_777_215, "")), 0);
        Echo echo = new Echo();
        vm.assertEq(run(bytes.concat(item(echo, 1_000_000, data), item(other, GAS, "x"))), 0);
        vm.assertEq(echo.hash(), keccak256(data));
        vm.assertEq(other.data(), "x");
    }

    /// Long data of one item does not remain behind shorter data of the next.
    function test_data_does_not_leak() external {
        run(bytes.concat(item(other, GAS, "a long piece of data"), item(recorder, GAS, "ab")));
        vm.assertEq(recorder.data(), "ab");
    }

    function test_logs_what_failed_and_only_then() external {
        vm.recordLogs();
        run(item(recorder, GAS, ""));
        vm.assertEq(vm.getRecordedLogs().length, 0);
        bytes memory batch = bytes.concat(
            item(recorder, GAS, ""),
            item(misbehaving, GAS, hex"01"),
            item(misbehaving, GAS, hex"00")
        );
        vm.expectEmit(address(relay));
        emit Relay.ItemsFailed(2);
        vm.assertEq(run(batch), 2);
    }

    function testFuzz_bitmap(uint256 pattern, uint256 count) external {
        count = bound(count, 0, 60);
        bytes memory batch;
        for (uint256 i = 0; i < count; i++) {
            bytes memory data = (pattern >> i) & 1 == 1 ? bytes(hex"01") : bytes(hex"00");
            batch = bytes.concat(batch, item(misbehaving, GAS, data));
        }
        uint256 expected = pattern & ((1 << count) - 1);
        vm.assertEq(run(batch), expected);
        uint256 succeeded = 0;
        for (uint256 i = 0; i < count; i++) {
            if ((pattern >> i) & 1 == 0) succeeded += 1;
        }
        vm.assertEq(misbehaving.calls(), succeeded);
    }

    // --- an item cannot stop another ---------------------------------------------------------------------

    function test_every_misbehaviour_is_isolated() external {
        for (uint8 kind = 1; kind < 6; kind++) {
            uint256 before = recorder.calls();
            bytes memory batch = bytes.concat(
                item(recorder, GAS, ""),
                item(misbehaving, GAS, abi.encodePacked(kind)),
                item(recorder, GAS, "")
            );
            // Returning a million zeros costs more than the item has.
            vm.assertEq(run(batch), 2);
            vm.assertEq(recorder.calls(), before + 2);
        }
        vm.assertEq(misbehaving.calls(), 0);
    }

    /// What an item returns or reverts with costs the batch what the item was given, and no more.
    function test_returndata_bomb() external {
        for (uint8 kind = 3; kind < 5; kind++) {
            bytes memory batch = item(misbehaving, 3_000_000, abi.encodePacked(kind));
            uint256 before = gasleft();
            vm.assertEq(run(batch), kind == 3 ? 1 : 0);
            vm.assertLt(before - gasleft(), 3_000_000 + 15_000);
        }
    }

    function test_gas_griefing() external {
        bytes memory batch;
        for (uint256 i = 0; i < 10; i++) {
            batch = bytes.concat(batch, item(misbehaving, GAS, hex"02"));
        }
        batch = bytes.concat(batch, item(recorder, GAS, ""));
        uint256 before = gasleft();
        vm.assertEq(run(batch), (1 << 10) - 1);
        vm.assertLt(before - gasleft(), 11 * (GAS + 5_000));
        vm.assertEq(recorder.calls(), 1);
    }

    /// Entering again is another batch: its items are called, and its failures are its own.
    function test_reentering() external {
        bytes memory inner =
            bytes.concat(item(other, GAS, "inner"), item(misbehaving, GAS, hex"01"));
        bytes memory batch = bytes.concat(
            item(recorder, GAS, ""),
            item(misbehaving, 3 * GAS, bytes.concat(hex"06", inner)),
            item(misbehaving, GAS, bytes.concat(hex"06", hex"ff")),
            item(recorder, GAS, "last")
        );
        vm.assertEq(run(batch), 4);
        vm.assertEq(other.data(), "inner");
        vm.assertEq(recorder.data(), "last");
        vm.assertEq(recorder.calls(), 2);
    }

    // --- what is refused -----------------------------------------------------------------------------------

    function test_no_code() external {
        (address nobody,) = makeAccount("nobody");
        bytes memory batch =
            bytes.concat(item(nobody, GAS, ""), item(recorder, GAS, ""), item(address(0), GAS, ""));
        vm.assertEq(run(batch), 5);
        vm.assertEq(recorder.calls(), 1);
        // Ether does not help: the item is not called.
        vm.deal(nobody, 1);
        vm.assertEq(run(item(nobody, GAS, "")), 1);
    }

    /// A batch that is cut anywhere but between two items has no effect at all.
    function test_truncated() external {
        bytes memory first = item(recorder, GAS, "first");
        bytes memory batch = bytes.concat(first, item(other, GAS, "second"));
        for (uint256 size = 1; size < batch.length; size++) {
            (bool ok, bytes memory answer) = address(relay).call(cut(batch, size));
            if (size == first.length) {
                vm.assertTrue(ok);
                vm.assertEq(recorder.calls(), 1);
            } else {
                vm.assertFalse(ok);
                vm.assertEq(answer, abi.encodePacked(Relay.ItemTruncated.selector));
                vm.assertEq(recorder.calls(), size > first.length ? 1 : 0);
            }
        }
        vm.assertEq(other.calls(), 0);
    }

    function test_bytes_behind_the_last_item() external {
        refused(bytes.concat(item(recorder, GAS, "first"), hex"00"), Relay.ItemTruncated.selector);
        vm.assertEq(recorder.calls(), 0);
    }

    function test_most_items() external {
        bytes memory batch;
        for (uint256 i = 0; i < 255; i++) {
            batch = bytes.concat(
                batch, item(misbehaving, 50_000, i == 254 ? bytes(hex"01") : bytes(hex"00"))
            );
        }
        vm.assertEq(run(batch), 1 << 254);
        vm.assertEq(misbehaving.calls(), 254);
        batch = bytes.concat(batch, item(misbehaving, 50_000, hex"00"));
        refused(batch, Relay.TooManyItems.selector);
        vm.assertEq(misbehaving.calls(), 254);
    }

    function test_takes_no_value() external {
        vm.deal(address(this), 1);
        bytes memory batch = item(recorder, GAS, "");
        (bool ok,) = address(relay).call{value: 1}(batch);
        vm.assertFalse(ok);
        (ok,) = address(relay).call{value: 1}("");
        vm.assertFalse(ok);
    }

    // --- gas -----------------------------------------------------------------------------------------------

    /// Whatever gas a batch gets: every item had exactly what it asked for, or nothing happened.
    function test_exact_gas_or_nothing() external {
        bytes memory batch =
            bytes.concat(item(recorder, 1_500_000, "first"), item(other, 1_700_000, "second"));
        uint256 reverted;
        uint256 id = vm.snapshotState();
        for (uint256 given = 30_000; given < 2_000_000; given += 997) {
            (bool ok, bytes memory answer) = address(relay).call{gas: given}(batch);
            if (ok) {
                vm.assertEq(answer, abi.encode(0));
                check_entry(recorder, 1_500_000);
                check_entry(other, 1_700_000);
            } else {
                reverted += 1;
                vm.assertEq(recorder.calls() + other.calls(), 0);
                vm.assertEq(answer, abi.encodePacked(Relay.GasTooLow.selector));
            }
            vm.assertTrue(vm.revertToState(id));
        }
        vm.assertGt(reverted, 1_500);
        vm.assertLt(reverted, 1_950);
    }

    /// The same where it is tightest: an account that delegates to code not yet looked at, whose call costs
    /// 2,600 more. A transaction of its own has looked at nothing yet.
    /// forge-config: default.isolate = true
    function test_exact_gas_for_delegating_accounts() external {
        (address wallet,) = makeAccount("delegating");
        vm.etch(wallet, abi.encodePacked(hex"ef0100", address(recorder)));
        bytes memory batch = item(wallet, 150_000, "");
        uint256 succeeded;
        uint256 refusedBatches;
        for (uint256 given = 150_000; given < 190_000; given += 37) {
            uint256 calls = Recorder(payable(wallet)).calls();
            (bool ok, bytes memory answer) = address(relay).call{gas: given}(batch);
            if (ok) {
                vm.assertEq(answer, abi.encode(0));
                vm.assertEq(Recorder(payable(wallet)).calls(), calls + 1);
                check_gas(Recorder(payable(wallet)), 150_000);
                succeeded += 1;
            } else {
                vm.assertEq(answer, abi.encodePacked(Relay.GasTooLow.selector));
                vm.assertEq(succeeded, 0);
                refusedBatches += 1;
            }
        }
        vm.assertGt(succeeded, 0);
        vm.assertGt(refusedBatches, 0);
    }

    /// An item that gets no gas fails without harm.
    function test_no_gas() external {
        vm.assertEq(run(bytes.concat(item(recorder, 0, ""), item(other, GAS, ""))), 1);
        vm.assertEq(other.calls(), 1);
    }

    /// What the relay adds to an item, the account's first access (2,600) and the calldata apart.
    function test_cost_of_an_item() external {
        Empty empty = new Empty();
        bytes memory one = item(empty, 100, new bytes(264));
        bytes memory batch = one;
        for (uint256 i = 1; i < 10; i++) {
            batch = bytes.concat(batch, one);
        }
        uint256 single = cost(one);
        uint256 ten = cost(batch);
        vm.assertLt((ten - single) / 9, 600);
    }

    // --- helpers -------------------------------------------------------------------------------------------

    function item(address wallet, uint256 gasLimit, bytes memory data)
        internal
        pure
        returns (bytes memory)
    {
        vm.assertLt(gasLimit, 1 << 24);
        vm.assertLt(data.length, 1 << 16);
        return abi.encodePacked(wallet, uint24(gasLimit), uint16(data.length), data);
    }

    function item(Recorder wallet, uint256 gasLimit, bytes memory data)
        internal
        pure
        returns (bytes memory)
    {
        return item(address(wallet), gasLimit, data);
    }

    function item(Misbehaving wallet, uint256 gasLimit, bytes memory data)
        internal
        pure
        returns (bytes memory)
    {
        return item(address(wallet), gasLimit, data);
    }

    function item(Echo wallet, uint256 gasLimit, bytes memory data)
        internal
        pure
        returns (bytes memory)
    {
        return item(address(wallet), gasLimit, data);
    }

    function item(Empty wallet, uint256 gasLimit, bytes memory data)
        internal
        pure
        returns (bytes memory)
    {
        return item(address(wallet), gasLimit, data);
    }

    function run(bytes memory batch) internal returns (uint256 failed) {
        (bool ok, bytes memory answer) = address(relay).call(batch);
        vm.assertTrue(ok);
        vm.assertEq(answer.length, 32);
        return abi.decode(answer, (uint256));
    }

    function refused(bytes memory batch, bytes4 selector) internal {
        (bool ok, bytes memory answer) = address(relay).call(batch);
        vm.assertFalse(ok);
        vm.assertEq(answer, abi.encodePacked(selector));
    }

    function check_entry(Recorder called, uint256 gasLimit) internal view {
        vm.assertEq(called.calls(), 1);
        check_gas(called, gasLimit);
    }

    /// The recorder looked at its gas after a few instructions.
    function check_gas(Recorder called, uint256 gasLimit) internal view {
        vm.assertLe(called.gasAtEntry(), gasLimit);
        vm.assertGt(called.gasAtEntry(), gasLimit - 200);
    }

    function cost(bytes memory batch) internal returns (uint256 used) {
        uint256 before = gasleft();
        (bool ok,) = address(relay).call(batch);
        used = before - gasleft();
        vm.assertTrue(ok);
    }

    function cut(bytes memory all, uint256 size) internal pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i = 0; i < size; i++) {
            part[i] = all[i];
        }
    }
}

/// Remembers the hash of what it was called with.
contract Echo {
    bytes32 public hash;

    fallback() external {
        hash = keccak256(msg.data);
    }
}

contract Empty {
    fallback() external {}
}
