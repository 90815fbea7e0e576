#include "platform/aws/sigv2.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/digest.h"
#include "platform/aws/parameters.h"

namespace millrace::aws {
namespace {

/// The region of a request whose signature names none.
constexpr const char* kRegion = "us-east-1";

/// Query parameters that are part of the resource.
constexpr std::array<std::string_view, 32> kSignedParameters{
    "accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location", "logging", "metrics",
    "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment", "response-cache-control",
    "response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
    "response-expires", "restore", "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads",
    "versionId", "versioning"};

bool is_signed_parameter(std::string_view name) {
  return name == "versions" || name == "website" ||
         std::find(kSignedParameters.begin(), kSignedParameters.end(), name) != kSignedParameters.end();
}

/// A header, or the query parameter that stands for it in a presigned URL.
std::string header_or_parameter(const http::Request& request, const Parameters& query, std::string_view name) {
  if (const auto header = request.headers.find(name)) return std::string(*header);
  const std::string* parameter = query.find(name);
  return parameter == nullptr ? std::string() : *parameter;
}

/// x-amz-... headers and the parameters that stand for them, by name.
std::string amz_lines(const http::Request& request, const Parameters& query) {
  std::map<std::string, std::string> lines;
  const auto add = [&](const std::string& name, std::string_view value) {
    const std::string lower = to_lower(name);
    if (!lower.starts_with("x-amz-")) return;
    std::string& line = lines[lower];
    if (!line.empty()) line += ',';
    line += trim(value);
  };
  for (const auto& [name, value] : request.headers) add(name, value);
  for (const auto& [name, value] : query) add(name, value);
  std::string text;
  for (const auto& [name, value] : lines) text += name + ':' + value + '\n';
  return text;
}

std::string signed_query(const Parameters& query) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [name, value] : query) {
    if (is_signed_parameter(name)) parts.emplace_back(name, value);
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const auto& [name, value] : parts) {
    text += text.empty() ? '?' : '&';
    text += value.empty() ? name : name + '=' + value;
  }
  return text;
}

/// What the signature covers, with `resource_path` as "/bucket/key".
std::string string_to_sign(const http::Request& request, const Parameters& query, const std::string& resource_path) {
  return request.method + '\n' + header_or_parameter(request, query, "content-md5") + '\n' +
         header_or_parameter(request, query, "content-type") + '\n' + *query.find("Expires") + '\n' +
         amz_lines(request, query) + resource_path + signed_query(query);
}

[[noreturn]] void refuse(const char* code, std::string message) {
  throw Error(Blame::Customer, code, std::move(message));
}

}  // namespace

std::optional<Scope> sigv2_scope(const http::Request& request) {
  if (request.query.find("AWSAccessKeyId=") == std::string::npos) return std::nullopt;
  const Parameters query(request.query);
  const std::string* key = query.find("AWSAccessKeyId");
  if (key == nullptr || query.find("Signature") == nullptr || query.find("Expires") == nullptr) return std::nullopt;
  return Scope{.access_key = *key, .date = {}, .region = kRegion, .service = "s3"};
}

VerifiedHead verify_sigv2(const http::Request& request, const std::string& resource_path, const KeyLookup& keys,
                          Time now) {
  const Parameters query(request.query);
  const std::string& access_key = *query.find("AWSAccessKeyId");
  const std::optional<std::int64_t> expires = parse_int(*query.find("Expires"));
  if (!expires) refuse("AccessDenied", "Invalid date (should be seconds since epoch): " + printable(*query.find("Expires"), 60));
  if (static_cast<double>(*expires) < to_seconds(now)) refuse("AccessDenied", "Request has expired");
  Identity identity = identity_of(keys, access_key);
  if (!constant_time_equal(identity.session_token, header_or_parameter(request, query, "x-amz-security-token"))) {
    refuse("InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  const std::string expected = to_base64(hmac_sha1(identity.secret_key, string_to_sign(request, query, resource_path)));
  if (!constant_time_equal(expected, *query.find("Signature"))) {
    refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. "
                                    "Check your key and signing method.");
  }
  VerifiedHead head;
  head.caller = std::move(identity.caller);
  head.caller.access_key = access_key;
  head.caller.region = kRegion;
  head.payload_hash = kUnsignedPayload;
  head.scope = {.timestamp = amz_date(now), .region = kRegion, .service = "s3"};
  return head;
}

}  // namespace millrace::aws
