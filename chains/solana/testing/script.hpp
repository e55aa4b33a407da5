// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "chains/solana/testing/native_runtime.hpp"
#include "chains/solana/testing/script_layout.hpp"
#include "core/encoding/byte_io.hpp"

extern "C" std::uint64_t script_entrypoint(std::uint8_t* input, const std::uint8_t* data);

namespace latchkey::solana::testing {

/// An account of a scripted call.
struct ScriptMeta {
    std::uint8_t position = 0;
    bool is_signer = false;
    bool is_writable = false;
};

/// Instruction data for the script program.
class ScriptBuilder {
  public:
    ScriptBuilder& move(std::uint8_t account, std::uint8_t to, std::uint64_t lamports) {
        writer_.write_u8(kScriptMove).write_u8(account).write_u8(to).write_u64_le(lamports);
        return *this;
    }
    ScriptBuilder& write(std::uint8_t account, std::uint16_t offset, std::uint8_t value) {
        writer_.write_u8(kScriptWrite).write_u8(account).write_u16_le(offset).write_u8(value);
        return *this;
    }
    ScriptBuilder& resize(std::uint8_t account, std::uint32_t length) {
        writer_.write_u8(kScriptResize).write_u8(account).write_u32_le(length);
        return *this;
    }
    ScriptBuilder& assign(std::uint8_t account, std::uint8_t owner) {
        writer_.write_u8(kScriptAssign).write_u8(account).write_u8(owner);
        return *this;
    }
    ScriptBuilder& call(std::uint8_t program, const std::vector<ScriptMeta>& metas, ByteView data,
                        const std::vector<Bytes>& seeds = {}) {
        writer_.write_u8(kScriptCall).write_u8(program);
        writer_.write_u8(static_cast<std::uint8_t>(metas.size()));
        for (const ScriptMeta& meta : metas) {
            writer_.write_u8(
                static_cast<std::uint8_t>((meta.is_signer ? 1 : 0) | (meta.is_writable ? 2 : 0)));
            writer_.write_u8(meta.position);
        }
        writer_.write_u16_le(static_cast<std::uint16_t>(data.size())).write(data);
        writer_.write_u8(static_cast<std::uint8_t>(seeds.size()));
        for (const Bytes& seed : seeds) {
            writer_.write_u8(static_cast<std::uint8_t>(seed.size())).write(seed);
        }
        return *this;
    }
    ScriptBuilder& give_back(ByteView data) {
        writer_.write_u8(kScriptReturn).write_u8(static_cast<std::uint8_t>(data.size()));
        writer_.write(data);
        return *this;
    }
    ScriptBuilder& fail(std::uint32_t code) {
        writer_.write_u8(kScriptFail).write_u32_le(code);
        return *this;
    }

    Bytes take() { return writer_.take(); }

  private:
    core::ByteWriter writer_;
};

}  // namespace latchkey::solana::testing
