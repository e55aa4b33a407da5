# SPDX-License-Identifier: Apache-2.0
# Every third-party library, found once. docs/dependencies.md justifies each of them.

set(Boost_USE_STATIC_LIBS OFF)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(secp256k1 REQUIRED IMPORTED_TARGET libsecp256k1)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
# Crypto++ is a test oracle only; nothing that ships links it.
pkg_check_modules(cryptopp REQUIRED IMPORTED_TARGET libcrypto++)
