// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action} from "./Action.sol";
import {Call} from "./Calls.sol";
import {Configuration, Rule} from "./Configuration.sol";
import {byteAt, uintAt, wordAt} from "./Memory.sol";
import {Steps} from "./Steps.sol";
import {Storage} from "./Storage.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// What an action spends, and what its rule has left (docs/spec/authorization.md, section 6;
/// docs/spec/evm.md for what counts on this chain).
library Limits {
    using Configuration for Rule;

    uint256 private constant TRANSFER = 0xa9059cbb;
    uint256 private constant APPROVE = 0x095ea7b3;
    uint256 private constant INCREASE_ALLOWANCE = 0x39509351;
    uint256 private constant TRANSFER_FROM = 0x23b872dd;
    uint256 private constant PERMIT = 0xd505accf;

    /// An asset is byte 0: a power of ten in which amounts are counted, 0 to 57, then 11 zero bytes
    /// and the token's address, zero for the chain's own. Any other asset is none of this chain's.
    uint256 private constant MAXIMUM_SCALE = 57;
    uint256 private constant ADDRESS_MASK = type(uint160).max;
    uint256 private constant BLANK_MASK = ((1 << 88) - 1) << 160;
    /// spent and window in a counter word.
    uint256 private constant COUNTER_MASK = (1 << 192) - (1 << 64);
    /// Amounts above are above every limit: 2^64 times 10^57 is less.
    uint256 private constant MAXIMUM_AMOUNT = 1 << 254;

    /// Adds up what the calls, and `fee` of the chain's own asset, take, and books it. `slot` holds
    /// the first counter, the others follow it.
    function book(Action memory action, Call[] memory calls, uint256 fee, uint256 slot) internal {
        unchecked {
            uint256 limits = action.rule.limits;
            uint256[] memory sums = new uint256[](byteAt(limits));
            _add(sums, limits, address(0), fee);
            for (uint256 i = 0; i < calls.length; ++i) {
                Call memory call = calls[i];
                _add(sums, limits, address(0), call.value);
                _add(sums, limits, call.to, _outflow(call, _isListed(limits, call.to)));
            }
            for (uint256 i = 0; i < sums.length; ++i) {
                if (sums[i] != 0) {
                    _book(action, limits + 1 + i * Configuration.LIMIT_SIZE, sums[i], slot + i);
                }
            }
        }
    }

    /// What a call takes of the token that it calls.
    function _outflow(Call memory call, bool isListed) private view returns (uint256 amount) {
        unchecked {
            bytes memory data = call.data;
            uint256 selector = data.length < 4 ? 0 : uint256(uint32(bytes4(data)));
            uint256 size;
            uint256 argument = 1;
            if (selector == TRANSFER || selector == APPROVE || selector == INCREASE_ALLOWANCE) {
                size = 68;
            } else if (selector == TRANSFER_FROM) {
                size = 100;
                argument = 2;
            } else if (selector == PERMIT) {
                size = 228;
                argument = 2;
            } else {
                // A token that is limited can do only what is understood.
                require_(!isListed, Verdict.UNCOUNTABLE);
                return 0;
            }
            require_(isListed, Verdict.ASSET_NOT_LISTED);
            require_(data.length == size, Verdict.UNCOUNTABLE);
            uint256 position;
            assembly ("memory-safe") {
                position := add(data, 0x24)
            }
            amount = wordAt(position + (argument << 5));
            if (selector == TRANSFER_FROM && address(uint160(wordAt(position))) != address(this)) {
                // Somebody else's.
                amount = 0;
            }
        }
    }

    function _isListed(uint256 limits, address token) private pure returns (bool) {
        unchecked {
            uint256 position = limits + 1;
            for (uint256 left = byteAt(limits); left != 0; --left) {
                if (_isAsset(wordAt(position), token)) {
                    return true;
                }
                position += Configuration.LIMIT_SIZE;
            }
            return false;
        }
    }

    function _isAsset(uint256 asset, address token) private pure returns (bool) {
        return asset & BLANK_MASK == 0 && asset >> 248 <= MAXIMUM_SCALE
            && asset & ADDRESS_MASK == uint160(token);
    }

    function _add(uint256[] memory sums, uint256 limits, address token, uint256 amount)
        private
        pure
    {
        unchecked {
            if (amount == 0) {
                return;
            }
            bool isListed = false;
            uint256 position = limits + 1;
            for (uint256 i = 0; i < sums.length; ++i) {
                if (_isAsset(wordAt(position), token)) {
                    isListed = true;
                    uint256 sum = amount > MAXIMUM_AMOUNT ? MAXIMUM_AMOUNT : sums[i] + amount;
                    sums[i] = sum > MAXIMUM_AMOUNT ? MAXIMUM_AMOUNT : sum;
                }
                position += Configuration.LIMIT_SIZE;
            }
            require_(isListed, Verdict.ASSET_NOT_LISTED);
        }
    }

    function _book(Action memory action, uint256 limit, uint256 sum, uint256 slot) private {
        unchecked {
            uint256 period = uintAt(limit + 48, 4);
            uint256 window = 0;
            if (period != 0) {
                uint256 opens;
                (window, opens) = Steps.windowAt(action.time, action.rule.notBefore(), period);
                (action.validAfter, action.validUntil) =
                    Steps.narrow(action.validAfter, action.validUntil, opens, period);
            }
            uint256 word = Storage.load(slot);
            uint256 spent;
            (window, spent) = Steps.spend(
                (word >> 128) & type(uint64).max,
                (word >> 64) & type(uint64).max,
                window,
                Steps.unitsOf(sum, 10 ** byteAt(limit)),
                uintAt(limit + 32, 8),
                uintAt(limit + 40, 8)
            );
            Storage.store(slot, (word & ~COUNTER_MASK) | (window << 128) | (spent << 64));
        }
    }
}
