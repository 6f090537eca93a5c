#pragma once

#include <CppUTest/TestHarness.h>

#include <string>

inline void expect(const std::string& wanted, const std::string& got) {
  STRCMP_EQUAL(wanted.c_str(), got.c_str());
}
