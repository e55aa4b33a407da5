// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token that behaves as badly as it is told to, by anybody.
contract OddToken {
    enum Oddity {
        none,
        /// Moves, and answers nothing.
        silent,
        reverting,
        /// Does not move, and says so by false.
        falsely,
        /// One part in a thousand does not arrive.
        fee,
        /// Does not move, and says true.
        lying,
        /// Moves, and answers 31 bytes.
        shortAnswer,
        /// Moves, and answers 2.
        wrongAnswer,
        /// Moves, and answers a hundred thousand bytes.
        bomb,
        /// Uses all gas.
        burning
    }

    Oddity public oddity;
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;

    function become(Oddity next) external {
        oddity = next;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        move(from, to, amount);
    }

    /// Answers by itself: what the functions above declare is nothing.
    function move(address from, address to, uint256 amount) internal {
        Oddity present = oddity;
        require(present != Oddity.reverting);
        if (present == Oddity.burning) {
            while (true) {}
        }
        uint256 answer = present == Oddity.falsely ? 0 : present == Oddity.wrongAnswer ? 2 : 1;
        if (present != Oddity.falsely && present != Oddity.lying) {
            balanceOf[from] -= amount;
            balanceOf[to] += present == Oddity.fee ? amount - amount / 1_000 : amount;
        }
        uint256 size = 32;
        if (present == Oddity.silent) size = 0;
        if (present == Oddity.shortAnswer) size = 31;
        if (present == Oddity.bomb) size = 100_000;
        assembly ("memory-safe") {
            let place := mload(0x40)
            mstore(place, answer)
            return(place, size)
        }
    }
}
