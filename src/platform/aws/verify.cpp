#include "platform/aws/verify.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/sigv2.h"

namespace millrace::aws {
namespace {

constexpr std::chrono::minutes kMaxSkew(5);
constexpr std::chrono::minutes kMaxSkewOfS3(15);
constexpr std::size_t kMaxSignedHeaders = 256;
constexpr std::size_t kSignatureDigits = 64;
constexpr const char* kCredentialForm =
    "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

/// Everything a signature says about itself.
struct Claim {
  Scope scope;
  std::string timestamp;  ///< amz_date form
  Time signed_at{};
  std::vector<std::string> signed_headers;
  std::string signature;
  std::string session_token;
  std::optional<std::chrono::seconds> expires;  ///< set for a query signature
};

[[noreturn]] void refuse(const char* code, std::string message) {
  throw Error(Blame::Customer, code, std::move(message));
}
[[noreturn]] void malformed_header(const std::string& what) {
  refuse("AuthorizationHeaderMalformed", "The authorization header is malformed; " + what);
}
[[noreturn]] void bad_query(const std::string& what) {
  refuse("AuthorizationQueryParametersError", what);
}

/// The decoded value of a query parameter.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.size() > name.size() && part[name.size()] == '=' && part.starts_with(name)) {
      return uri_decode(part.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

/// An access key may hold slashes, the other four parts may not.
std::optional<Scope> parse_credential(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = parts.size(); i-- > 0;) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    parts[i] = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  const auto& [date, region, service, terminator] = parts;
  const bool is_date = date.size() == 8 && std::all_of(date.begin(), date.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || !is_date || region.empty() || service.empty() ||
      terminator != "aws4_request") {
    return std::nullopt;
  }
  return Scope{std::string(text), std::string(date), std::string(region), std::string(service)};
}

std::optional<std::vector<std::string>> parse_signed_headers(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : split(text, ';')) {
    const bool lower = std::none_of(name.begin(), name.end(),
                                    [](char c) { return c <= ' ' || (c >= 'A' && c <= 'Z'); });
    if (name.empty() || !lower || names.size() == kMaxSignedHeaders) return std::nullopt;
    names.emplace_back(name);
  }
  return names;
}

bool is_signature(std::string_view text) {
  return text.size() == kSignatureDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The three components of "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
struct Authorization {
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
};

Authorization parse_authorization(std::string_view text) {
  if (!text.starts_with(kSigningAlgorithm) || text.substr(kSigningAlgorithm.size(), 1) != " ") {
    refuse("InvalidRequest", "The authorization mechanism \"" +
                                 printable(text.substr(0, text.find(' ')), 40) +
                                 "\" is not supported. Please use AWS4-HMAC-SHA256.");
  }
  Authorization found;
  for (const std::string_view part : split(text.substr(kSigningAlgorithm.size()), ',')) {
    const std::string_view component = trim(part);
    const std::size_t mark = component.find('=');
    const std::string_view name = component.substr(0, mark);
    std::string_view* slot = name == "Credential"      ? &found.credential
                             : name == "SignedHeaders" ? &found.signed_headers
                             : name == "Signature"     ? &found.signature
                                                       : nullptr;
    if (mark == std::string_view::npos || slot == nullptr || !slot->empty()) {
      malformed_header("the authorization component \"" + printable(component, 40) +
                       "\" is malformed.");
    }
    *slot = component.substr(mark + 1);
  }
  const std::array<std::pair<std::string_view, const char*>, 3> required{
      {{found.credential, "Credential"},
       {found.signed_headers, "SignedHeaders"},
       {found.signature, "Signature"}}};
  for (const auto& [value, name] : required) {
    if (value.empty())
      malformed_header("the authorization header requires three components: " + std::string(name) +
                       " is missing.");
  }
  return found;
}

Scope header_scope(const Authorization& authorization) {
  std::optional<Scope> scope = parse_credential(authorization.credential);
  if (!scope) malformed_header(std::string("the Credential is mal-formed; ") + kCredentialForm);
  return *std::move(scope);
}

/// The time of a header signature: X-Amz-Date or Date.
Time header_time(const http::Headers& headers) {
  std::optional<Time> time;
  if (const auto amz = headers.find("X-Amz-Date")) {
    time = parse_amz_date(*amz);
  } else if (const auto date = headers.find("Date")) {
    time = parse_rfc1123(*date);
    if (!time) time = parse_amz_date(*date);
  }
  if (!time)
    refuse("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  return *time;
}

Claim header_claim(const http::Request& request, std::string_view text) {
  const Authorization authorization = parse_authorization(text);
  Claim claim;
  claim.scope = header_scope(authorization);
  std::optional<std::vector<std::string>> names =
      parse_signed_headers(authorization.signed_headers);
  if (!names)
    malformed_header("SignedHeaders is not a list of lower-case header names separated by ';'.");
  if (!is_signature(authorization.signature))
    malformed_header("Signature is not 64 lower-case hexadecimal digits.");
  claim.signed_headers = *std::move(names);
  claim.signature = authorization.signature;
  claim.signed_at = header_time(request.headers);
  claim.timestamp = amz_date(claim.signed_at);
  if (!claim.timestamp.starts_with(claim.scope.date)) {
    malformed_header("Invalid credential date \"" + claim.scope.date +
                     "\". This date is not the same as X-Amz-Date: \"" +
                     claim.timestamp.substr(0, 8) + "\".");
  }
  claim.session_token = request.headers.find("X-Amz-Security-Token").value_or("");
  return claim;
}

std::chrono::seconds query_expiry(const std::string& text) {
  const std::optional<std::int64_t> seconds = parse_int(text);
  if (!seconds) bad_query("X-Amz-Expires should be a number");
  if (*seconds < 0) bad_query("X-Amz-Expires must be non-negative");
  if (*seconds > kMaxPresignedExpiry.count()) {
    bad_query(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than "
        "604800 seconds");
  }
  return std::chrono::seconds(*seconds);
}

Scope query_scope(std::string_view query) {
  std::optional<Scope> scope = parse_credential(parameter(query, "X-Amz-Credential").value_or(""));
  if (!scope) {
    bad_query(std::string(
                  "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; ") +
              kCredentialForm);
  }
  return *std::move(scope);
}

Claim query_claim(std::string_view query) {
  const auto required = [&](std::string_view name) {
    std::optional<std::string> value = parameter(query, name);
    if (!value || value->empty()) {
      bad_query(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters; " +
          std::string(name) + " is missing.");
    }
    return *std::move(value);
  };
  if (required("X-Amz-Algorithm") != kSigningAlgorithm)
    bad_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  required("X-Amz-Credential");
  Claim claim;
  claim.scope = query_scope(query);
  claim.timestamp = required("X-Amz-Date");
  claim.expires = query_expiry(required("X-Amz-Expires"));
  std::optional<std::vector<std::string>> names =
      parse_signed_headers(required("X-Amz-SignedHeaders"));
  if (!names)
    bad_query("X-Amz-SignedHeaders is not a list of lower-case header names separated by ';'");
  claim.signed_headers = *std::move(names);
  claim.signature = required("X-Amz-Signature");
  if (!is_signature(claim.signature))
    bad_query("X-Amz-Signature is not 64 lower-case hexadecimal digits");
  const std::optional<Time> signed_at = parse_amz_date(claim.timestamp);
  if (!signed_at)
    bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  claim.signed_at = *signed_at;
  if (!claim.timestamp.starts_with(claim.scope.date)) {
    bad_query("Invalid credential date \"" + claim.scope.date +
              "\". This date is not the same as X-Amz-Date: \"" + claim.timestamp.substr(0, 8) +
              "\".");
  }
  claim.session_token = parameter(query, "X-Amz-Security-Token").value_or("");
  return claim;
}

std::chrono::minutes max_skew(const Scope& scope) {
  return signs_raw_path(scope.service) ? kMaxSkewOfS3 : kMaxSkew;
}

void check_time(const Claim& claim, Time now) {
  const auto skew = max_skew(claim.scope);
  if (claim.expires) {
    if (claim.signed_at - skew > now) refuse("AccessDenied", "Request is not yet valid");
    if (claim.signed_at + *claim.expires < now) refuse("AccessDenied", "Request has expired");
    return;
  }
  if (claim.signed_at + skew >= now && claim.signed_at - skew <= now) return;
  if (signs_raw_path(claim.scope.service)) {
    refuse("RequestTimeTooSkewed",
           "The difference between the request time and the current time is too large. The request "
           "says " +
               claim.timestamp + ", the server " + amz_date(now) + ".");
  }
  const std::string minutes = std::to_string(skew.count()) + " min.)";
  if (claim.signed_at < now) {
    refuse("RequestTimeTooSkewed", "Signature expired: " + claim.timestamp +
                                       " is now earlier than " + amz_date(now - skew) + " (" +
                                       amz_date(now) + " - " + minutes);
  }
  refuse("RequestTimeTooSkewed", "Signature not yet current: " + claim.timestamp +
                                     " is still later than " + amz_date(now + skew) + " (" +
                                     amz_date(now) + " + " + minutes);
}

/// A field that decides what a request does must be covered by the signature.
void check_coverage(const http::Request& request, const Claim& claim) {
  const auto is_signed = [&](std::string_view name) {
    return std::any_of(claim.signed_headers.begin(), claim.signed_headers.end(),
                       [&](const std::string& each) { return equal_ignoring_case(each, name); });
  };
  if (!is_signed("host")) {
    refuse("AuthorizationHeaderMalformed",
           "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  constexpr std::string_view kPrefix = "x-amz-";
  for (const auto& [name, value] : request.headers) {
    if (name.size() < kPrefix.size() ||
        !equal_ignoring_case(std::string_view(name).substr(0, kPrefix.size()), kPrefix)) {
      continue;
    }
    if (!is_signed(name)) {
      refuse("AccessDenied",
             "There were headers present in the request which were not signed: " + to_lower(name));
    }
  }
}

std::string declared_hash(const http::Request& request, const Claim& claim,
                          const std::function<std::string()>& body_hash) {
  if (const auto header = request.headers.find("X-Amz-Content-Sha256")) return std::string(*header);
  if (!claim.expires) return body_hash();
  if (std::optional<std::string> sent = parameter(request.query, "X-Amz-Content-Sha256"))
    return *std::move(sent);
  return signs_raw_path(claim.scope.service) ? kUnsignedPayload : body_hash();
}

Claim read_claim(const http::Request& request) {
  const auto header = request.headers.find("Authorization");
  const bool in_query = parameter(request.query, "X-Amz-Algorithm").has_value();
  if (header && in_query) {
    refuse("InvalidArgument",
           "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
           "query "
           "string parameter or the Authorization header should be specified");
  }
  if (header) return header_claim(request, *header);
  if (in_query) return query_claim(request.query);
  refuse("AccessDenied", "Access Denied. The request carries no AWS Signature Version 4.");
}

[[noreturn]] void signature_differs(const Scope& scope) {
  constexpr const char* kDiffers =
      "The request signature we calculated does not match the signature you provided. Check your ";
  refuse("SignatureDoesNotMatch",
         std::string(kDiffers) + (signs_raw_path(scope.service)
                                      ? "key and signing method."
                                      : "AWS Secret Access Key and signing method. Consult the "
                                        "service documentation for details."));
}

}  // namespace

std::optional<Scope> credential_scope(const http::Request& request) {
  if (const auto header = request.headers.find("Authorization"))
    return header_scope(parse_authorization(*header));
  if (parameter(request.query, "X-Amz-Algorithm")) return query_scope(request.query);
  return sigv2_scope(request);
}

Identity identity_of(const KeyLookup& keys, std::string_view access_key) {
  std::optional<Identity> identity = keys(access_key);
  if (!identity)
    refuse("InvalidAccessKeyId",
           "The AWS Access Key Id you provided does not exist in our records.");
  return *std::move(identity);
}

VerifiedHead verify_head(const http::Request& request, const std::string& resource_path,
                         const std::function<std::string()>& body_hash, const KeyLookup& keys,
                         Time now) {
  // In credential_scope()'s order: a request is verified as what it was dispatched as.
  const bool version_4 = request.headers.find("Authorization") ||
                         parameter(request.query, "X-Amz-Algorithm").has_value();
  if (!version_4 && sigv2_scope(request)) return verify_sigv2(request, resource_path, keys, now);
  const Claim claim = read_claim(request);
  check_time(claim, now);
  Identity identity = identity_of(keys, claim.scope.access_key);
  if (!constant_time_equal(identity.session_token, claim.session_token)) {
    refuse("InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  check_coverage(request, claim);

  VerifiedHead head;
  head.scope = {claim.timestamp, claim.scope.region, claim.scope.service};
  head.payload_hash = declared_hash(request, claim, body_hash);
  head.key = signing_key(identity.secret_key, head.scope);
  const std::string canonical = canonical_request({.method = request.method,
                                                   .path = request.path,
                                                   .query = request.query,
                                                   .headers = request.headers,
                                                   .signed_headers = claim.signed_headers,
                                                   .payload_hash = head.payload_hash},
                                                  claim.scope.service);
  head.signature = signature_of(head.key, string_to_sign(head.scope, canonical));
  if (!constant_time_equal(head.signature, claim.signature)) signature_differs(claim.scope);
  head.caller = std::move(identity.caller);
  head.caller.access_key = claim.scope.access_key;
  head.caller.region = claim.scope.region;
  return head;
}

}  // namespace millrace::aws
