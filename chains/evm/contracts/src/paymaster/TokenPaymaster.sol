// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Costs} from "./Costs.sol";
import {IEntryPoint, PackedUserOperation} from "./EntryPoint.sol";
import {Paymaster} from "./Paymaster.sol";
import {SpendWindow, SpendWindows} from "./SpendWindow.sol";

interface IToken {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// Pays for operations whose senders pay it in a token, at a rate that a signer has quoted for the
/// operation.
///
/// The sender pays first. Validation takes the price of the most that the operation can cost and
/// sees it arrive; postOp gives back the price of what it did not cost. What the sender does in
/// between, with its balance, with its allowance or by failing, changes nothing: the token's price
/// is here before the operation runs. If postOp does not come to an end, the most remains paid.
/// Validation calls the token, which staked paymasters may do (ERC-7562, STO-021, STO-032 and
/// STO-033) with tokens that keep balances and allowances in mappings by account. A strict bundler
/// refuses an operation that also deploys its wallet (STO-022: our factory has no stake): the wallet
/// is deployed before.
///
/// Its data in paymasterAndData: token (20 bytes) rate (16) tokensMax (16) validAfter (6)
/// validUntil (6) signature (65), big-endian, nothing behind. The rate is in the token's smallest
/// units per 10^18 wei. The signature is EIP-712 over Quote below. The sender's own signature
/// covers the quote as well, so nobody pays more than tokensMax unasked.
///
/// Limits, in wei and per period, bound what a stolen signer costs: what one sender and what one
/// token may have paid for, and the lowest rate for each token.
contract TokenPaymaster is Paymaster {
    using SpendWindows for SpendWindow;

    /// What the owner allows for a token.
    struct Terms {
        /// In wei per period; zero refuses the token.
        uint128 limit;
        /// The lowest rate that a quote may have.
        uint128 rateMin;
    }

    /// A quote as its data says it.
    struct Quote {
        address token;
        uint128 rate;
        uint128 tokensMax;
        uint48 validAfter;
        uint48 validUntil;
    }

    /// What postOp needs to know.
    struct Paid {
        address sender;
        address token;
        uint48 period;
        uint256 maxCost;
        uint256 laterGas;
        uint256 rate;
        uint256 tokens;
    }

    /// The quoted rate is below the lowest that the owner allows, or the token has none.
    error RateTooLow();

    /// The price of the most that the operation can cost is above the quote's tokensMax.
    error TokensAboveMax(uint256 tokens, uint256 tokensMax);

    /// The token did not say that it moved, or fewer arrived.
    error NotPaid();

    /// The token does not say that it moved.
    error TransferFailed();

    /// Only this contract calls this.
    error NotThis();

    event TermsChanged(address indexed token, uint128 limit, uint128 rateMin);
    event SenderLimitChanged(uint128 limit);

    /// What an operation was paid with: tokens kept for good.
    event Charged(address indexed sender, address indexed token, uint256 tokens);

    /// A refund that the token refused to move; its sender can claim it.
    event RefundOwed(address indexed sender, address indexed token, uint256 tokens);

    uint256 internal constant DATA_SIZE = DATA_OFFSET + 64 + SIGNATURE_SIZE;

    /// Enough for a refund by an ordinary token to an account that had none left, or for owing it.
    uint256 internal constant POST_OP_GAS_MIN = 90_000;

    /// What postOp keeps for itself of its gas when it calls the token.
    uint256 internal constant OWING_GAS = 60_000;

    bytes32 internal constant QUOTE_TYPEHASH = keccak256(
        abi.encodePacked(
            "Quote(Operation operation,address token,uint128 rate,uint128 tokensMax,uint48 validAfter,uint48 validUntil)",
            OPERATION_TYPE
        )
    );

    /// In wei per period, for each sender.
    uint128 public senderLimit;

    mapping(address token => Terms) public termsOf;
    mapping(address token => SpendWindow) internal byToken;
    mapping(address sender => SpendWindow) internal bySender;

    /// Refunds that could not be made: for each sender, and the sum, which the owner cannot
    /// withdraw.
    mapping(address token => mapping(address sender => uint256)) public owed;
    mapping(address token => uint256) public owedTotal;

    constructor(IEntryPoint entryPoint, uint48 periodSeconds, address firstOwner)
        Paymaster(entryPoint, periodSeconds, firstOwner)
    {}

    // --- the owner
    // -----------------------------------------------------------------------------------------

    function setTerms(address token, Terms calldata next) external onlyOwner {
        termsOf[token] = next;
        emit TermsChanged(token, next.limit, next.rateMin);
    }

    function setSenderLimit(uint128 next) external onlyOwner {
        senderLimit = next;
        emit SenderLimitChanged(next);
    }

    /// Withdraws tokens, except what is owed to senders.
    function withdrawToken(IToken token, address to, uint256 amount) external onlyOwner {
        if (!move(address(token), abi.encodeCall(IToken.transfer, (to, amount)))) {
            revert TransferFailed();
        }
        if (token.balanceOf(address(this)) < owedTotal[address(token)]) revert TransferFailed();
    }

    // --- refunds that failed
    // -------------------------------------------------------------------------------

    /// Pays a sender what it is owed. Anybody may ask for it.
    function claim(address token, address sender) external {
        uint256 tokens = owed[token][sender];
        owed[token][sender] = 0;
        owedTotal[token] -= tokens;
        if (!move(token, abi.encodeCall(IToken.transfer, (sender, tokens)))) {
            revert TransferFailed();
        }
    }

    // --- operations
    // ----------------------------------------------------------------------------------------

    /// What was spent in a period, in wei: by a sender and for a token. Counts of past periods are
    /// not kept.
    function spentIn(uint48 period, address sender, address token)
        external
        view
        returns (uint256 bySenderSpent, uint256 byTokenSpent)
    {
        return (bySender[sender].spentIn(period), byToken[token].spentIn(period));
    }

    /// What the signer signs for an operation; of its paymasterAndData only the first 52 bytes
    /// count.
    function quoteDigest(PackedUserOperation calldata operation, Quote memory quote)
        public
        view
        returns (bytes32)
    {
        return digestOf(keccak256(abi.encode(QUOTE_TYPEHASH, operationHash(operation), quote)));
    }

    function validatePaymasterUserOp(
        PackedUserOperation calldata operation,
        bytes32,
        uint256 maxCost
    ) external onlyEntryPoint returns (bytes memory context, uint256 validationData) {
        if (signer == address(0)) revert Stopped();
        Quote memory quote = quoteIn(operation.paymasterAndData);
        Paid memory paid;
        paid.sender = operation.sender;
        paid.token = quote.token;
        paid.period = periodOf(quote.validAfter, quote.validUntil);
        paid.maxCost = maxCost;
        paid.laterGas = gasAfter(operation, POST_OP_GAS_MIN);
        paid.rate = quote.rate;

        Terms memory terms = termsOf[quote.token];
        if (quote.rate < terms.rateMin || quote.rate == 0) revert RateTooLow();
        bySender[paid.sender].reserve(paid.period, maxCost, senderLimit);
        byToken[paid.token].reserve(paid.period, maxCost, terms.limit);

        // maxCost is below 2^128, since a limit is not below it.
        paid.tokens = Costs.price(maxCost, quote.rate);
        if (paid.tokens > quote.tokensMax) revert TokensAboveMax(paid.tokens, quote.tokensMax);

        bool approved = isApproved(
            quoteDigest(operation, quote), operation.paymasterAndData[DATA_OFFSET + 64:]
        );
        // Nothing is taken for a quote that was not made.
        if (approved) take(paid);
        context = abi.encode(paid);
        validationData = validationDataOf(approved, quote.validAfter, quote.validUntil);
    }

    function postOp(PostOpMode, bytes calldata context, uint256 costSoFar, uint256 feePerGas)
        external
        onlyEntryPoint
    {
        Paid memory paid = abi.decode(context, (Paid));
        uint256 cost = Costs.bound(paid.maxCost, costSoFar, paid.laterGas * feePerGas);
        bySender[paid.sender].release(paid.period, paid.maxCost - cost);
        byToken[paid.token].release(paid.period, paid.maxCost - cost);

        uint256 kept = Costs.price(cost, paid.rate);
        emit Charged(paid.sender, paid.token, kept);
        uint256 refund = paid.tokens - kept;
        if (refund == 0) return;
        uint256 left = gasleft();
        if (left > OWING_GAS) {
            try this.giveBack{gas: left - OWING_GAS}(paid.token, paid.sender, refund) {
                return;
            } catch {}
        }
        owed[paid.token][paid.sender] += refund;
        owedTotal[paid.token] += refund;
        emit RefundOwed(paid.sender, paid.token, refund);
    }

    /// postOp calls this: a refund that the token does not confirm is undone and owed, never both.
    function giveBack(address token, address sender, uint256 amount) external {
        if (msg.sender != address(this)) revert NotThis();
        if (!move(token, abi.encodeCall(IToken.transfer, (sender, amount)))) {
            revert TransferFailed();
        }
    }

    // --- helpers
    // -------------------------------------------------------------------------------------------

    function quoteIn(bytes calldata data) private pure returns (Quote memory quote) {
        if (data.length != DATA_SIZE) revert MalformedData();
        data = data[DATA_OFFSET:];
        quote.token = address(bytes20(data[0:20]));
        quote.rate = uint128(bytes16(data[20:36]));
        quote.tokensMax = uint128(bytes16(data[36:52]));
        quote.validAfter = uint48(bytes6(data[52:58]));
        quote.validUntil = uint48(bytes6(data[58:64]));
    }

    /// Takes the tokens from the sender, or reverts. What counts is what has arrived: a token may
    /// keep a fee or say nothing true.
    function take(Paid memory paid) private {
        IToken token = IToken(paid.token);
        uint256 before = token.balanceOf(address(this));
        bytes memory data =
            abi.encodeCall(IToken.transferFrom, (paid.sender, address(this), paid.tokens));
        if (!move(paid.token, data) || token.balanceOf(address(this)) < before + paid.tokens) {
            revert NotPaid();
        }
    }

    /// Calls a token's transfer or transferFrom. True if there is a token, it did not revert, and
    /// it answered nothing or true. Of the answer 32 bytes are looked at, whatever its size. In
    /// validation the GAS instruction may only stand directly before a call (ERC-7562, OP-012).
    function move(address token, bytes memory data) private returns (bool moved) {
        if (token.code.length == 0) return false;
        assembly ("memory-safe") {
            moved := call(gas(), token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            let size := returndatasize()
            if size { moved := and(moved, and(gt(size, 0x1f), eq(mload(0x00), 1))) }
        }
    }

    function domainName() internal pure override returns (bytes32) {
        return keccak256("Latchkey TokenPaymaster");
    }
}
