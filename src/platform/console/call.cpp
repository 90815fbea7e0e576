#include "platform/console/call.h"

#include <chrono>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/request_body.h"

namespace millrace::console {
namespace {

constexpr std::chrono::seconds kBodyTimeout{60};

}  // namespace

std::string_view Call::text(std::string_view name) const {
  const std::string* found = query.find(name);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

std::int64_t Call::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                          std::int64_t most) const {
  const std::string* found = query.find(name);
  if (found == nullptr || found->empty()) return otherwise;
  const auto value = parse_int(*found);
  if (!value || *value < least || *value > most) {
    throw Error(Blame::Customer, "ValidationException",
                describe(Problem{.where = "query parameter '" + std::string(name) + "'",
                                 .given = *found,
                                 .expected = "a whole number from " + std::to_string(least) +
                                             " to " + std::to_string(most),
                                 .fix = {}}));
  }
  return *value;
}

Json Call::document(std::uint64_t max_bytes) const {
  const std::string body =
      aws::read_body(*request.body, request.content_length, max_bytes, kBodyTimeout);
  Json json;
  try {
    json = parse_json(body, "request body", {.max_bytes = max_bytes, .max_depth = 64});
  } catch (const Error& error) {
    throw Error(Blame::Customer, "SerializationException", error.what());
  }
  if (!json.is_object())
    throw Error(Blame::Customer, "SerializationException", "The request body must be an object.");
  return json;
}

std::string caller_name(const aws::Caller& caller) {
  if (caller.user.empty()) return kOperatorName;
  return caller.user == kOperatorName ? caller.user + " (user)" : caller.user;
}

http::Response json_answer(const Json& document, int status) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = to_text(document);
  return response;
}

http::Response refusal(int status, std::string_view code, std::string_view message) {
  return json_answer({{"__type", std::string(code)}, {"message", std::string(message)}}, status);
}

void not_found(const std::string& message) {
  throw Error(Blame::Customer, "ResourceNotFoundException", message);
}

}  // namespace millrace::console
