#pragma once

#include <string>
#include <utility>

#include "core/base/error.h"

namespace millrace::aws {

/// Error(Customer, ValidationException), the code of nearly every refusal of SageMaker.
[[noreturn]] inline void refuse(std::string message) {
  throw Error(Blame::Customer, "ValidationException", std::move(message));
}
[[noreturn]] inline void refuse(const Problem& problem) {
  refuse(describe(problem));
}

/// For a member that is understood but not served here.
[[noreturn]] inline void unsupported(const std::string& member, const std::string& why) {
  refuse(member + " is not supported: " + why);
}

}  // namespace millrace::aws
