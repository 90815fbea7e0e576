#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/aws/validate.h"

/// Any bytes as the body of a JSON operation: what the validator lets pass must become a struct without complaint.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  namespace ops = wire::sagemaker::ops;
  static const aws::Validator validator = [] {
    aws::Validator prepared;
    prepared.prepare(*ops::CreateTrainingJob::kOperation.input);
    return prepared;
  }();
  try {
    const Json document = parse_json({reinterpret_cast<const char*>(data), size}, "request body");
    if (!document.is_object()) return 0;
    const auto violations = validator.check(document, *ops::CreateTrainingJob::kOperation.input);
    if (!violations.empty()) {
      MILLRACE_CHECK(aws::validation_exception(violations).code() == "ValidationException");
      return 0;
    }
    ops::CreateTrainingJob::Request request;
    try {
      from_json(document, request);
    } catch (const Error&) {
      MILLRACE_CHECK(!"a validated document was refused");
    }
    Json again;
    to_json(again, request);
    MILLRACE_CHECK(again.get<ops::CreateTrainingJob::Request>() == request);
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }
  return 0;
}
