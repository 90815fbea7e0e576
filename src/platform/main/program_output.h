#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace millrace {

/// The most that a description is believed to be.
constexpr std::size_t kMaxDescriptionBytes = 16 * 1024 * 1024;

/// Standard output of a program that is expected to end by itself; `command` is its path and
/// arguments. Throws Error(Platform) when it cannot be started, fails, or says more than
/// kMaxDescriptionBytes.
std::string program_output(std::vector<std::string> command);

}  // namespace millrace
