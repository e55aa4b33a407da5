// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedUserOperation} from "../../src/paymaster/EntryPoint.sol";
import {Paymaster} from "../../src/paymaster/Paymaster.sol";
import {SpendWindows} from "../../src/paymaster/SpendWindow.sol";
import {IToken, TokenPaymaster} from "../../src/paymaster/TokenPaymaster.sol";
import {OpenAccount} from "../support/EntryPoints.sol";
import {OddToken} from "../support/OddToken.sol";
import {TestToken} from "../support/TestToken.sol";
import {PaymasterTest} from "./PaymasterTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract TokenPaymasterTest is PaymasterTest {
    TokenPaymaster internal tokens;
    TestToken internal token;
    OddToken internal odd;

    /// What operations pay with, and at which rate: 3,000 units of a token with 18 decimals for an ether.
    address internal used;
    uint128 internal rate = 3_000 ether;
    uint128 internal tokensMax = type(uint128).max;

    function setUp() external {
        prepare();
        postOpGas = 90_000;
        tokens = new TokenPaymaster(entryPoint, DAY, owner);
        startPaymaster(tokens);
        token = new TestToken();
        odd = new OddToken();
        used = address(token);
        fund();
        limit(100 ether, 1_000 ether);
    }

    function approvalOf(
        PackedUserOperation memory operation,
        uint48 validAfter,
        uint48 validUntil,
        uint256 key
    ) internal view override returns (bytes memory) {
        bytes32 digest = tokens.quoteDigest(
            operation, TokenPaymaster.Quote(used, rate, tokensMax, validAfter, validUntil)
        );
        return
            abi.encodePacked(
                used, rate, tokensMax, validAfter, validUntil, signatureOf(key, digest)
            );
    }

    function counted() internal view override returns (uint256 bySender, uint256 byToken) {
        return tokens.spentIn(uint48(block.timestamp) / DAY, address(account), used);
    }

    /// Of postOp: it leaves itself some gas when it calls the token.
    function gasInPostOp() internal pure override returns (uint256) {
        return 1;
    }

    function limit(uint256 perSender, uint256 perToken) internal {
        vm.startPrank(owner);
        tokens.setSenderLimit(uint128(perSender));
        tokens.setTerms(used, TokenPaymaster.Terms(uint128(perToken), 1));
        vm.stopPrank();
    }

    /// A million tokens of both kinds for the account, all of which the paymaster may take.
    function fund() internal {
        token.mint(address(account), 1e24);
        odd.mint(address(account), 1e24);
        allow(address(token), type(uint256).max);
        allow(address(odd), type(uint256).max);
    }

    function allow(address which, uint256 amount) internal {
        account.execute(which, abi.encodeCall(IERC20.approve, (address(paymaster), amount)));
    }

    function endow(address sender) internal override {
        token.mint(sender, 1e24);
        vm.prank(sender);
        token.approve(address(paymaster), type(uint256).max);
    }

    function useOdd(OddToken.Oddity oddity) internal {
        used = address(odd);
        odd.become(oddity);
        limit(100 ether, 1_000 ether);
    }

    function price(uint256 amount) internal view returns (uint256) {
        return (amount * rate + 1e18 - 1) / 1e18;
    }

    // --- who pays ----------------------------------------------------------------------------------------------

    function test_the_sender_pays_in_tokens() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        uint256 kept = token.balanceOf(address(tokens));
        vm.assertEq(token.balanceOf(address(account)), 1e24 - kept);
        vm.assertGe(kept, price(taken));
        (uint256 bySender, uint256 byToken) = counted();
        vm.assertEq(bySender, byToken);
        vm.assertEq(kept, price(bySender));
        // Not much more than it was: a tenth of the limits, postOp's gas and a constant.
        vm.assertLe(kept, price(taken + (CALL_GAS / 10 + 2 * postOpGas + 10_000) * FEE));
    }

    /// What came in covers what went out, however the operation ends.
    function testFuzz_covers_what_was_taken(uint256 kind, uint128 anyRate, uint256 callGas)
        external
    {
        rate = uint128(bound(anyRate, 1, 1e30));
        token.mint(address(account), 1e40);
        callGas = bound(callGas, 0, 500_000);
        PackedUserOperation memory operation = operationOf("");
        kind %= 4;
        if (kind == 1) operation.callData = abi.encodeCall(OpenAccount.burn, (0));
        if (kind == 2) operation.callData = abi.encodeCall(OpenAccount.fail, ());
        if (kind == 3) operation.callData = dodge();
        operation.accountGasLimits = bytes32(uint256(VALIDATION_GAS) << 128 | callGas);
        approve(operation);
        uint256 taken = takenBy(operation);
        vm.assertGe(token.balanceOf(address(tokens)), price(taken));
    }

    /// Takes the paymaster's allowance away and moves all tokens elsewhere.
    function dodge() internal returns (bytes memory) {
        (address elsewhere,) = makeAccount("elsewhere");
        DodgingAccount code = new DodgingAccount();
        vm.etch(address(account), address(code).code);
        return abi.encodeCall(DodgingAccount.dodge, (token, address(tokens), elsewhere));
    }

    /// The sender has no tokens and no allowance left when postOp comes: it has paid before.
    function test_dodging() external {
        PackedUserOperation memory operation = operationOf(dodge());
        approve(operation);
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        (address elsewhere,) = makeAccount("elsewhere");
        vm.assertEq(token.allowance(address(account), address(tokens)), 0);
        uint256 kept = token.balanceOf(address(tokens));
        vm.assertGe(kept, price(taken));
        // What the operation did not cost came back to the account, after it had moved the rest.
        vm.assertEq(token.balanceOf(elsewhere), 1e24 - price(maxCostOf(operation)));
        vm.assertEq(token.balanceOf(address(account)), price(maxCostOf(operation)) - kept);
    }

    function test_failed_operations_are_paid() external {
        PackedUserOperation memory operation = operationOf(abi.encodeCall(OpenAccount.fail, ()));
        approve(operation);
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        vm.assertGe(token.balanceOf(address(tokens)), price(taken));
        vm.assertLt(token.balanceOf(address(tokens)), price(maxCostOf(operation)));
    }

    function test_gas_price_spike() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.fee(5_000 gwei);
        vm.txGasPrice(5_000 gwei);
        uint256 taken = takenBy(operation);
        vm.assertLe(taken, maxCostOf(operation));
        vm.assertGe(token.balanceOf(address(tokens)), price(taken));
    }

    function test_no_allowance_or_balance() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = price(maxCostOf(operation));
        allow(address(token), most - 1);
        refusedWith(operation, TokenPaymaster.NotPaid.selector);
        allow(address(token), most);
        account.execute(
            address(token), abi.encodeCall(IERC20.transfer, (address(1), 1e24 - most + 1))
        );
        refusedWith(operation, TokenPaymaster.NotPaid.selector);
        token.mint(address(account), 1);
        vm.assertEq(failure(operation), "");
    }

    /// A wrong signature takes nothing, so that estimating with one needs no tokens.
    function test_wrong_signature_takes_nothing() external {
        allow(address(token), 0);
        PackedUserOperation memory operation = approvedOperation();
        operation.paymasterAndData[operation.paymasterAndData.length - 1] = 0x00;
        refused(operation, "AA34 signature error");
    }

    // --- quotes and terms --------------------------------------------------------------------------------------

    function test_digest() external view {
        PackedUserOperation memory operation = operationOf("data");
        string memory operationType = "Operation(address entryPoint,address sender,uint256 nonce,"
            "bytes initCode,bytes callData,bytes32 accountGasLimits,"
            "uint256 preVerificationGas,bytes32 gasFees,bytes32 paymasterGasLimits)";
        bytes32 operationHash = keccak256(
            abi.encode(
                keccak256(bytes(operationType)),
                entryPoint,
                account,
                operation.nonce,
                keccak256(""),
                keccak256("data"),
                operation.accountGasLimits,
                operation.preVerificationGas,
                operation.gasFees,
                bytes32(abi.encodePacked(VALIDATION_GAS, postOpGas))
            )
        );
        string memory quoteType =
            "Quote(Operation operation,address token,uint128 rate,uint128 tokensMax,uint48 validAfter,uint48 validUntil)";
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(bytes(string.concat(quoteType, operationType))),
                operationHash,
                used,
                7,
                8,
                5,
                6
            )
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Latchkey TokenPaymaster"),
                keccak256("1"),
                block.chainid,
                tokens
            )
        );
        vm.assertEq(
            tokens.quoteDigest(operation, TokenPaymaster.Quote(used, 7, 8, 5, 6)),
            keccak256(abi.encodePacked(hex"1901", domain, structHash))
        );
    }

    function test_most_tokens() external {
        PackedUserOperation memory operation = operationOf("");
        tokensMax = uint128(price(maxCostOf(operation)) - 1);
        approve(operation);
        refusedWith(operation, TokenPaymaster.TokensAboveMax.selector);
        tokensMax += 1;
        approve(operation);
        vm.assertEq(failure(operation), "");
    }

    /// The price is rounded up: even the smallest rate costs one unit.
    function test_smallest_rate() external {
        rate = 1;
        PackedUserOperation memory operation = approvedOperation();
        vm.assertEq(failure(operation), "");
        vm.assertEq(token.balanceOf(address(tokens)), 1);
    }

    function test_lowest_rate() external {
        vm.prank(owner);
        tokens.setTerms(address(token), TokenPaymaster.Terms(1 ether, rate + 1));
        refusedWith(approvedOperation(), TokenPaymaster.RateTooLow.selector);
        vm.prank(owner);
        tokens.setTerms(address(token), TokenPaymaster.Terms(1 ether, rate));
        vm.assertEq(failure(approvedOperation()), "");
        rate = 0;
        vm.prank(owner);
        tokens.setTerms(address(token), TokenPaymaster.Terms(1 ether, 0));
        refusedWith(approvedOperation(), TokenPaymaster.RateTooLow.selector);
    }

    /// A token without terms, the greatest rate, and an account without code as token.
    function test_other_tokens() external {
        used = address(odd);
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
        used = address(token);
        rate = type(uint128).max;
        refusedWith(approvedOperation(), TokenPaymaster.NotPaid.selector);
        (used,) = makeAccount("no token");
        rate = 1;
        limit(1 ether, 1 ether);
        vm.assertEq(failure(approvedOperation()), "AA33 reverted");
    }

    // --- limits ------------------------------------------------------------------------------------------------

    function test_limit_of_the_sender() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = maxCostOf(operation);
        limit(most - 1, 1 ether);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        limit(most, 1 ether);
        vm.assertEq(failure(operation), "");
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
        account = new OpenAccount();
        fund();
        vm.assertEq(failure(approvedOperation()), "");
    }

    function test_limit_of_the_token() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = maxCostOf(operation);
        limit(1 ether, most - 1);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        limit(1 ether, most);
        vm.assertEq(failure(operation), "");
        // For another sender as well; another token has a limit of its own.
        account = new OpenAccount();
        fund();
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
        useOdd(OddToken.Oddity.none);
        vm.assertEq(failure(approvedOperation()), "");
    }

    function test_limits_across_a_bundle() external {
        PackedUserOperation[] memory operations = new PackedUserOperation[](2);
        for (uint192 i = 0; i < 2; i++) {
            operations[i] = operationOf("");
            operations[i].nonce = entryPoint.getNonce(address(account), i);
            approve(operations[i]);
        }
        uint256 most = maxCostOf(operations[0]);
        limit(2 * most - 1, 1 ether);
        refusedWith(operations, SpendWindows.LimitReached.selector);
        limit(1 ether, 2 * most - 1);
        refusedWith(operations, SpendWindows.LimitReached.selector);
        limit(2 * most, 2 * most);
        (string memory reason,) = outcome(operations);
        vm.assertEq(reason, "");
    }

    function test_next_period() external {
        limit(maxCostOf(approvedOperation()), 1 ether);
        vm.assertEq(failure(approvedOperation()), "");
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
        uint48 tomorrow = (NOW / DAY + 1) * DAY;
        vm.warp(tomorrow + 1);
        PackedUserOperation memory operation = operationOf("");
        approve(operation, tomorrow, tomorrow + 10);
        vm.assertEq(failure(operation), "");
    }

    // --- odd tokens --------------------------------------------------------------------------------------------

    /// Tokens that answer nothing are tokens.
    function test_token_without_answer() external {
        useOdd(OddToken.Oddity.silent);
        uint256 taken = takenBy(approvedOperation());
        assertPostOpRan();
        vm.assertGe(odd.balanceOf(address(tokens)), price(taken));
        vm.assertEq(odd.balanceOf(address(account)) + odd.balanceOf(address(tokens)), 1e24);
        vm.assertEq(tokens.owedTotal(address(odd)), 0);
    }

    function test_tokens_that_do_not_pay() external {
        OddToken.Oddity[6] memory oddities = [
            OddToken.Oddity.reverting,
            OddToken.Oddity.falsely,
            OddToken.Oddity.fee,
            OddToken.Oddity.lying,
            OddToken.Oddity.shortAnswer,
            OddToken.Oddity.wrongAnswer
        ];
        for (uint256 i = 0; i < oddities.length; i++) {
            useOdd(oddities[i]);
            refusedWith(approvedOperation(), TokenPaymaster.NotPaid.selector);
            vm.assertEq(odd.balanceOf(address(account)), 1e24);
        }
    }

    /// Of a huge answer only the beginning counts.
    function test_huge_answer() external {
        useOdd(OddToken.Oddity.bomb);
        uint256 taken = takenBy(approvedOperation());
        assertPostOpRan();
        vm.assertGe(odd.balanceOf(address(tokens)), price(taken));
        vm.assertEq(odd.balanceOf(address(account)) + odd.balanceOf(address(tokens)), 1e24);
    }

    /// A token that turns odd while the operation runs: the sender has paid, and what it does not get back it can
    /// claim later.
    function test_refund_fails() external {
        OddToken.Oddity[5] memory oddities = [
            OddToken.Oddity.reverting,
            OddToken.Oddity.falsely,
            OddToken.Oddity.burning,
            OddToken.Oddity.shortAnswer,
            OddToken.Oddity.wrongAnswer
        ];
        for (uint256 i = 0; i < oddities.length; i++) {
            uint256 id = vm.snapshotState();
            useOdd(OddToken.Oddity.none);
            PackedUserOperation memory operation = operationOf(
                abi.encodeCall(
                    OpenAccount.execute,
                    (address(odd), abi.encodeCall(OddToken.become, (oddities[i])))
                )
            );
            approve(operation);
            uint256 taken = takenBy(operation);
            assertPostOpRan();
            checkOwed(taken, maxCostOf(operation));
            vm.assertTrue(vm.revertToState(id));
        }
    }

    function checkOwed(uint256 taken, uint256 most) internal {
        uint256 all = price(most);
        uint256 owed = tokens.owed(address(odd), address(account));
        vm.assertEq(odd.balanceOf(address(tokens)), all);
        vm.assertGt(owed, 0);
        vm.assertGe(all - owed, price(taken));
        vm.assertEq(tokens.owedTotal(address(odd)), owed);
        vm.expectRevert();
        tokens.claim{gas: 1_000_000}(address(odd), address(account));
        vm.assertEq(tokens.owed(address(odd), address(account)), owed);
        odd.become(OddToken.Oddity.none);
        // The owner cannot take what is owed.
        vm.startPrank(owner);
        vm.expectRevert(TokenPaymaster.TransferFailed.selector);
        tokens.withdrawToken(IToken(address(odd)), owner, all - owed + 1);
        tokens.withdrawToken(IToken(address(odd)), owner, all - owed);
        vm.stopPrank();
        tokens.claim(address(odd), address(account));
        vm.assertEq(odd.balanceOf(address(account)), 1e24 - all + owed);
        vm.assertEq(odd.balanceOf(address(tokens)), 0);
        vm.assertEq(tokens.owedTotal(address(odd)), 0);
        tokens.claim(address(odd), address(account));
        vm.assertEq(odd.balanceOf(address(account)), 1e24 - all + owed);
    }

    /// If postOp does not come to an end, the account's call is undone and the most remains paid.
    function test_post_op_out_of_gas() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.mockCallRevert(
            address(paymaster), abi.encodeWithSelector(Paymaster(paymaster).postOp.selector), ""
        );
        takenBy(operation);
        vm.clearMockedCalls();
        (uint256 bySender, uint256 byToken) = counted();
        vm.assertEq(bySender, maxCostOf(operation));
        vm.assertEq(byToken, bySender);
        vm.assertEq(token.balanceOf(address(tokens)), price(bySender));
    }

    // --- the owner ---------------------------------------------------------------------------------------------

    function test_withdraw_token() external {
        takenBy(approvedOperation());
        uint256 kept = token.balanceOf(address(tokens));
        vm.startPrank(owner);
        vm.expectRevert(TokenPaymaster.TransferFailed.selector);
        tokens.withdrawToken(IToken(address(token)), owner, kept + 1);
        tokens.withdrawToken(IToken(address(token)), owner, kept);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(owner), kept);
    }

    function test_only_the_owner_of_tokens() external {
        vm.expectRevert(Paymaster.NotOwner.selector);
        tokens.setTerms(address(token), TokenPaymaster.Terms(1, 1));
        vm.expectRevert(Paymaster.NotOwner.selector);
        tokens.setSenderLimit(1);
        vm.expectRevert(Paymaster.NotOwner.selector);
        tokens.withdrawToken(IToken(address(token)), address(this), 0);
        vm.prank(owner);
        vm.expectRevert(TokenPaymaster.NotThis.selector);
        tokens.giveBack(address(token), owner, 0);
    }
}

/// Takes an allowance back and moves all tokens away when it is told to.
contract DodgingAccount {
    function validateUserOp(PackedUserOperation calldata, bytes32, uint256)
        external
        pure
        returns (uint256)
    {
        return 0;
    }

    function dodge(TestToken token, address paymaster, address elsewhere) external {
        token.approve(paymaster, 0);
        token.transfer(elsewhere, token.balanceOf(address(this)));
    }
}
