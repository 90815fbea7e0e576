#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/s3/operations.h"
#include "platform/aws/query_protocol.h"
#include "platform/aws/router.h"
#include "platform/aws/validate.h"

/// Any bytes as a form body of the Query protocol, and as path and query of an S3 request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const aws::Router router(wire::s3::kService);
  static const aws::Operation& create_role = wire::iam::ops::CreateRole::kOperation;
  static const aws::Validator validator = [] {
    aws::Validator prepared;
    prepared.prepare(*create_role.input);
    return prepared;
  }();
  try {
    const Json document = aws::query_request(create_role, aws::Parameters(text));
    static_cast<void>(validator.check(document, *create_role.input));
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }
  try {
    const std::size_t question = text.find('?');
    const aws::Parameters query(question == std::string_view::npos ? "" : text.substr(question + 1));
    const auto route = router.find("GET", text.substr(0, question), query, {});
    MILLRACE_CHECK(!route || route->operation != nullptr);
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer && error.code() == "InvalidURI");
  }
  return 0;
}
