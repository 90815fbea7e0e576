#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace millrace {

/// Throws Error(Customer) for input that is wrong, told of by the members of Problem.
[[noreturn]] inline void refuse(std::string where, std::string_view given, std::string expected,
                                std::string fix = {}) {
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = std::string(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

}  // namespace millrace
