#include "platform/console/job_check.h"

#include <utility>
#include <vector>

#include "generated/aws/sagemaker/operations.h"

namespace millrace::console {
namespace {

using Operation = wire::sagemaker::ops::CreateTrainingJob;

/// What a job needs to be allowed names no bucket.
const aws::FindAccessPoint kNoAccessPoints;
constexpr std::uint64_t kMaxRequestBytes = std::uint64_t{16} << 20;  ///< as the operation's own

}  // namespace

JobCheck::JobCheck(jobs::TrainingJobs& jobs, Permit permit)
    : jobs_(jobs), permit_(std::move(permit)) {
  validator_.prepare(*Operation::kOperation.input);
}

http::Response JobCheck::check(Call& call) {
  const Json document = call.document(kMaxRequestBytes);
  Json problems = Json::array();
  const auto add = [&](const std::string& field, const std::string& message) {
    problems.push_back({{"Field", field}, {"Message", message}});
  };
  const std::vector<aws::Violation> violations =
      validator_.check(document, *Operation::kOperation.input);
  for (const aws::Violation& violation : violations)
    add(violation.path, aws::validation_exception({violation}).what());
  if (violations.empty()) {
    for (const aws::ResourceAccess& access :
         aws::accesses_of(wire::sagemaker::kService, Operation::kOperation, document, call.caller,
                          aws::BucketNames(kNoAccessPoints)))
      permit_(call, access.action, access.resource);
    Operation::Request request;
    from_json(document, request);
    for (const jobs::RequestProblem& problem : jobs_.problems(request, call.caller))
      add(problem.field, problem.message);
  }
  return json_answer({{"Problems", std::move(problems)}});
}

}  // namespace millrace::console
