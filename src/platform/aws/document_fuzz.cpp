#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "generated/aws/runtime/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "platform/aws/rest_xml.h"
#include "platform/aws/router.h"
#include "platform/aws/validate.h"

namespace millrace {
namespace {

namespace ops = wire::sagemaker::ops;

/// What the validator lets pass must become a struct without complaint, and come back from it.
template <class Op>
void check_as(const Json& document) {
  static const aws::Validator validator = [] {
    aws::Validator prepared;
    prepared.prepare(*Op::kOperation.input);
    return prepared;
  }();
  try {
    const auto violations = validator.check(document, *Op::kOperation.input);
    if (!violations.empty()) {
      MILLRACE_CHECK(aws::validation_exception(violations).code() == "ValidationException");
      return;
    }
    typename Op::Request request;
    try {
      from_json(document, request);
    } catch (const Error&) {
      MILLRACE_CHECK(!"a validated document was refused");
    }
    Json again;
    to_json(again, request);
    MILLRACE_CHECK(again.get<typename Op::Request>() == request);
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }
}

/// Path and headers of a REST-JSON request; lines of `text`, a header as "name: value".
void check_as_invocation(std::string_view text) {
  namespace runtime = wire::runtime;
  static const aws::Router router(runtime::kService);
  static const aws::Validator validator = [] {
    aws::Validator prepared;
    prepared.prepare(*runtime::ops::InvokeEndpoint::kOperation.input);
    return prepared;
  }();
  http::Headers headers;
  const std::size_t line_end = text.find('\n');
  std::string_view rest = line_end == std::string_view::npos ? "" : text.substr(line_end + 1);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  try {
    const auto route = router.find("POST", text.substr(0, line_end), aws::Parameters(""), headers);
    if (!route || !route->operation->answered) return;
    const Json document = aws::rest_request(*route, aws::Parameters(""), headers, {});
    if (!validator.check(document, *route->operation->input).empty()) return;
    runtime::InvokeEndpointInput request;
    from_json(document, request);
    MILLRACE_CHECK(!request.endpoint_name.empty());
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }
}

}  // namespace
}  // namespace millrace

/// Any bytes as the body of a JSON operation, and as path and headers of an invocation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_as_invocation(text);
  try {
    const Json document = parse_json(text, "request body");
    if (!document.is_object()) return 0;
    check_as<ops::CreateTrainingJob>(document);
    check_as<ops::CreateModel>(document);
    check_as<ops::CreateEndpointConfig>(document);
    check_as<ops::UpdateEndpoint>(document);
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }
  return 0;
}
