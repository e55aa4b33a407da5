// SPDX-License-Identifier: Apache-2.0
// A target of its own compiles precompiled headers, and a target has a source.
