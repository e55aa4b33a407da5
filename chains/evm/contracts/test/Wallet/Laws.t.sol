// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Owner} from "../support/Owner.sol";
import {Test} from "../support/Test.sol";

/// The laws of docs/laws.md over random histories: every step is compared with a model of it.
contract LawsTest is Test {
    Owner internal owner;

    function setUp() external {
        owner = new Owner();
        targetContract(address(owner));
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = Owner.pass.selector;
        selectors[1] = Owner.pays.selector;
        selectors[2] = Owner.replay.selector;
        selectors[3] = Owner.forge.selector;
        selectors[4] = Owner.grants.selector;
        selectors[5] = Owner.spends.selector;
        selectors[6] = Owner.revokes.selector;
        selectors[7] = Owner.proposes.selector;
        selectors[8] = Owner.applies.selector;
        selectors[9] = Owner.cancels.selector;
        selectors[10] = Owner.freezes.selector;
        selectors[11] = Owner.changesDelay.selector;
        selectors[12] = Owner.recovers.selector;
        targetSelector(FuzzSelector(address(owner), selectors));
        bytes4[] memory more = new bytes4[](1);
        more[0] = Owner.returns_.selector;
        targetSelector(FuzzSelector(address(owner), more));
    }

    function invariant_the_wallet_is_what_the_model_says() external {
        owner.check();
    }

    /// The histories are not empty: everything happens in a long one.
    function test_a_long_history() external {
        uint256 seed = 1;
        for (uint256 i = 0; i < 1_500; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            step(seed % 15, seed >> 16);
            if (i % 20 == 0) owner.check();
        }
        vm.assertGt(owner.paid(), 0);
        vm.assertGt(owner.applied(), 0);
        vm.assertGt(owner.sessionsSpent(), 0);
        vm.assertGt(owner.changes(), 10);
        vm.assertGt(owner.recoveries(), 2);
        vm.assertGt(owner.replays(), 10);
    }

    function step(uint256 choice, uint256 seed) internal {
        if (choice == 0) owner.pass(seed);
        else if (choice == 1) owner.pays(seed);
        else if (choice == 2) owner.replay(seed);
        else if (choice == 3) owner.forge(seed);
        else if (choice == 4) owner.grants(seed);
        else if (choice == 5) owner.spends(seed);
        else if (choice == 6) owner.revokes(seed);
        else if (choice == 7) owner.proposes(seed);
        else if (choice == 8) owner.applies(seed);
        else if (choice == 9) owner.cancels(seed);
        else if (choice == 10) owner.freezes(seed);
        else if (choice == 11) owner.changesDelay(seed);
        else if (choice == 12) owner.recovers(seed);
        else if (choice == 13) owner.returns_(seed);
        else owner.pass(seed);
    }
}
