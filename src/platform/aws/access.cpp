#include "platform/aws/access.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

[[noreturn]] void deny(const Caller& caller, std::string_view action) {
  throw Error(Blame::Customer, "AccessDeniedException",
              "User: " + caller.arn + " is not authorized to perform: " + std::string(action));
}

}  // namespace

void require_own_key(const Caller& caller, std::string_view action) {
  if (!caller.job.empty()) deny(caller, action);
}

void require_same_job(const Caller& caller, std::string_view job, std::string_view action) {
  if (!caller.job.empty() && !equal_ignoring_case(caller.job, job)) deny(caller, action);
}

void require_supervisor(const Caller& caller, std::string_view job, std::string_view action) {
  if (!caller.supervisor || caller.job.empty() || !equal_ignoring_case(caller.job, job))
    deny(caller, action);
}

}  // namespace millrace::aws
