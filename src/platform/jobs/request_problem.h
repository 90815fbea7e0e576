#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace millrace::jobs {

/// What is wrong with a request for a training job.
struct RequestProblem {
  std::string field;    ///< "hyperparameter 'epochs'"; empty where no single member is to blame
  std::string message;  ///< as the service says it
};

/// Error(Customer, ValidationException) about several members at once.
class ProblemsError : public Error {
 public:
  explicit ProblemsError(std::vector<Problem> problems)
      : Error(Blame::Customer, "ValidationException", Error(Blame::Customer, problems).what()),
        problems_(std::move(problems)) {}

  [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }

 private:
  std::vector<Problem> problems_;
};

}  // namespace millrace::jobs
