// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The words of docs/spec/evm.md as a client has them before they become bytes.

uint8 constant ED25519 = 1;
uint8 constant EIP712 = 2;
uint8 constant EIP191 = 3;
uint8 constant P256_KEY = 4;
uint8 constant PASSKEY = 5;
uint8 constant PROGRAM = 6;
uint8 constant CONTRACT = 7;

uint8 constant EXECUTE = 0x01;
uint8 constant GRANT = 0x02;
uint8 constant POLICY = 0x04;
uint8 constant MESSAGE = 0x08;
uint8 constant RECOVER = 0x10;
uint8 constant UPGRADE = 0x20;
uint8 constant CANCEL = 0x40;
uint8 constant FREEZE = 0x80;

uint40 constant NO_DEADLINE = type(uint40).max;
uint32 constant TIE = 1 << 31;
uint8 constant LOCAL_RULE = 0x40;
uint8 constant RECOVERY_RULE = 0x80;

struct Signer {
    uint8 kind;
    bool sameParty;
    bool option;
    /// The private key, of the kinds that have one.
    uint256 key;
    /// Of a contract: where and on which chain.
    address code;
    uint64 chain;
    /// Of a passkey: its relying party.
    string rpId;
}

struct Rule {
    uint8 actions;
    uint8 threshold;
    uint16 mask;
    /// The blocks as bytes, without what says that they are there.
    bytes times;
    bytes scope;
    bytes limits;
    uint32 wait;
}

struct Configuration {
    Signer[] signers;
    Rule[] rules;
    /// guard(2) and 30 bytes of a hash; 0: none.
    bytes32 recovery;
    bool lockdown;
    bytes salt;
}

struct RecoveryPart {
    Signer[] signers;
    Rule[] rules;
    Rule[] after_;
    /// How many signers the restored rules are for.
    uint8 afterSigners;
    bytes16 salt;
}

/// A wallet and what is known of it. `kind` is how its configuration is proved.
struct Account {
    address wallet;
    bytes32 walletId;
    Configuration configuration;
    uint8 kind;
    bytes source;
    bytes32 parent;
    uint8 byRule;
    uint32 byEpoch;
    bytes32 configId;
    RecoveryPart recovery;
}

struct Session {
    bytes32 ruleId;
    bytes32 id;
    bytes32 configId;
    uint32 version;
    uint8 place;
    bytes32[] others;
    Signer[] signers;
    bytes localRule;
}

struct Call {
    address to;
    uint256 value;
    bytes data;
}

/// Who approves what, and how. A test changes one field to make one fault.
struct Action {
    Account account;
    uint8 rule;
    uint16 approvers;
    Session session;
    uint40 deadline;
    address executor;
    uint64 key;
    bool hasGas;
    uint32 gas;
    Call[] calls;
    /// The last call is made of the fee field.
    bool hasFee;
    bytes32[] siblings;
    uint8 index;
    /// clientDataJSON is made from this host; "": from a tail.
    string host;
    /// authenticatorData of every passkey.
    uint8 authenticator;
    uint32 counter;
    string tail;
    /// Signs something else.
    bytes32 otherDigest;
    bool highS;
}
