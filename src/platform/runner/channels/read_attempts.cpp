#include "platform/runner/channels/read_attempts.h"

#include <vector>

namespace millrace::runner {
namespace {

[[noreturn]] void refuse_changed(const Error& error, const char* how) {
  throw Error(Blame::Customer, error.code(),
              std::string("the object was ") + how +
                  " after the job had listed it. Start the job again, and leave its data as it is "
                  "until the job has ended.");
}

}  // namespace

std::string missing_bytes(std::int64_t have, const char* reason) {
  return "the store does not deliver the object's bytes from " + std::to_string(have) + " on (" +
         reason + "). Upload the object again.";
}

void ReadAttempts::broke(const Error& error, Daemon* daemon, std::int64_t have) {
  if (error.code() == "PreconditionFailed") refuse_changed(error, "changed");
  if (error.code() == "NoSuchKey" || error.code() == "NoSuchBucket")
    refuse_changed(error, "deleted");
  backoff_.failed();
  if (error.blame() == Blame::Customer || backoff_.exhausted() || stop_.stop_requested())
    throw Error(error);
  if (daemon != nullptr && answers(*daemon) && ++broken_ == kMaxBrokenAnswers)
    throw Error(Blame::Platform, missing_bytes(have, error.what()));
  wait_until(backoff_.next(), stop_);
}

bool ReadAttempts::answers(Daemon& daemon) const {
  try {
    daemon.locate(
        {.bucket = object_.bucket, .prefix = "", .keys = std::vector<std::string>{object_.key}});
    return true;
  } catch (const Error& error) {
    return error.blame() == Blame::Customer;
  }
}

}  // namespace millrace::runner
