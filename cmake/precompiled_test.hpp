// SPDX-License-Identifier: Apache-2.0
#pragma once

// The same for tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmake/precompiled.hpp"
