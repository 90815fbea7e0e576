#include "platform/aws/sigv4.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/digest.h"

namespace millrace::aws {
namespace {

constexpr std::string_view kTerminator = "aws4_request";

/// Without "." and ".." segments and doubled slashes.
std::string normalised_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string normalised = "/";
  for (const std::string_view segment : kept) {
    if (normalised.size() > 1) normalised += '/';
    normalised += segment;
  }
  if (path.ends_with('/') && !kept.empty()) normalised += '/';
  return normalised;
}

/// In the one encoding that signatures use, whatever the client wrote; malformed escapes stay as
/// they are.
std::string canonical_component(std::string_view component) {
  const std::optional<std::string> decoded = uri_decode(component);
  return decoded ? uri_encode(*decoded, Slash::Encode) : std::string(component);
}

void append_canonical_query(std::string& text, std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t mark = part.find('=');
    std::string name = canonical_component(part.substr(0, mark));
    if (name == "X-Amz-Signature") continue;
    parameters.emplace_back(std::move(name), mark == std::string_view::npos
                                                 ? ""
                                                 : canonical_component(part.substr(mark + 1)));
  }
  std::sort(parameters.begin(), parameters.end());
  bool first = true;
  for (const auto& [name, value] : parameters) {
    if (!std::exchange(first, false)) text += '&';
    text.append(name).append("=").append(value);
  }
}

/// Without blanks at the ends; runs of blanks inside count as one space.
void append_canonical_value(std::string& text, std::string_view value) {
  bool blank = false;
  bool begun = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      blank = begun;
      continue;
    }
    if (std::exchange(blank, false)) text += ' ';
    begun = true;
    text += c;
  }
}

void append_canonical_headers(std::string& text, const SignedParts& parts) {
  for (const std::string& name : parts.signed_headers) {
    text.append(name).append(":");
    bool first = true;
    for (const auto& [field, value] : parts.headers) {
      if (!equal_ignoring_case(field, name)) continue;
      if (!std::exchange(first, false)) text += ',';
      append_canonical_value(text, value);
    }
    text += '\n';
  }
}

std::string derive_key(std::string_view secret_key, const SigningScope& scope) {
  std::string key =
      hmac_sha256("AWS4" + std::string(secret_key), std::string_view(scope.timestamp).substr(0, 8));
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  return hmac_sha256(key, kTerminator);
}

/// Path and query of a target.
std::pair<std::string_view, std::string_view> split_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  return {target.substr(0, mark),
          mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1)};
}

/// Fields that proxies change or that the client's own HTTP layer adds after signing.
bool is_left_unsigned(std::string_view name) {
  constexpr std::array<std::string_view, 6> kUnsigned{
      "authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent"};
  return std::find(kUnsigned.begin(), kUnsigned.end(), name) != kUnsigned.end();
}

}  // namespace

bool signs_raw_path(std::string_view service) {
  return service.starts_with("s3");
}

std::string SigningScope::text() const {
  std::string text = timestamp.substr(0, 8);
  return text.append("/").append(region).append("/").append(service).append("/").append(
      kTerminator);
}

std::string canonical_request(const SignedParts& parts, std::string_view service) {
  std::string text;
  text.reserve(1024);
  text.append(parts.method).append("\n");
  if (signs_raw_path(service)) {
    text.append(parts.path);
  } else {
    text.append(uri_encode(normalised_path(parts.path), Slash::Keep));
  }
  text += '\n';
  append_canonical_query(text, parts.query);
  text += '\n';
  append_canonical_headers(text, parts);
  text += '\n';
  text.append(join(parts.signed_headers, ";")).append("\n").append(parts.payload_hash);
  return text;
}

std::string signing_key(std::string_view secret_key, const SigningScope& scope) {
  // A day, region and service of every key in use; when there are more, start over.
  constexpr std::size_t kMaxKeys = 256;
  thread_local std::unordered_map<std::string, std::string> keys;
  std::string name(secret_key);
  name.append("\n").append(scope.text());
  const auto found = keys.find(name);
  if (found != keys.end()) return found->second;
  std::string key = derive_key(secret_key, scope);
  if (keys.size() >= kMaxKeys) keys.clear();
  keys.emplace(std::move(name), key);
  return key;
}

std::string signature_of(std::string_view key, std::string_view text) {
  return to_hex(hmac_sha256(key, text));
}

std::string string_to_sign(const SigningScope& scope, std::string_view canonical) {
  std::string text(kSigningAlgorithm);
  return text.append("\n")
      .append(scope.timestamp)
      .append("\n")
      .append(scope.text())
      .append("\n")
      .append(to_hex(sha256(canonical)));
}

void sign(http::Outgoing& request, const Credentials& credentials, std::string_view region,
          std::string_view service, std::string_view payload_hash, Time now) {
  const SigningScope scope{amz_date(now), std::string(region), std::string(service)};
  request.headers.set("X-Amz-Date", scope.timestamp);
  request.headers.set("X-Amz-Content-Sha256", std::string(payload_hash));
  if (!credentials.session_token.empty())
    request.headers.set("X-Amz-Security-Token", credentials.session_token);

  std::vector<std::string> names;
  for (const auto& [name, value] : request.headers) {
    std::string lower = to_lower(name);
    if (!is_left_unsigned(lower)) names.push_back(std::move(lower));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto [path, query] = split_target(request.target);
  const std::string canonical = canonical_request(
      {request.method, path, query, request.headers, names, payload_hash}, service);
  const std::string signature =
      signature_of(signing_key(credentials.secret_key, scope), string_to_sign(scope, canonical));
  request.headers.set("Authorization", std::string(kSigningAlgorithm) +
                                           " Credential=" + credentials.access_key + "/" +
                                           scope.text() + ", SignedHeaders=" + join(names, ";") +
                                           ", Signature=" + signature);
}

std::string payload_hash(std::string_view body) {
  constexpr const char* kOfNothing =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  return body.empty() ? kOfNothing : to_hex(sha256(body));
}

std::string presign(const PresignOptions& options, const Credentials& credentials, Time now) {
  if (options.expires < std::chrono::seconds(1) || options.expires > kMaxPresignedExpiry) {
    throw Error(
        Blame::Customer,
        Problem{.where = "expiry of a presigned URL",
                .given = std::to_string(options.expires.count()) + " s",
                .expected = "1 to " + std::to_string(kMaxPresignedExpiry.count()) + " seconds",
                .fix = ""});
  }
  const SigningScope scope{amz_date(now), options.region, options.service};
  http::Headers headers;
  headers.add("host", options.host);
  const std::vector<std::string> names{"host"};

  std::string target = options.target;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target.append("X-Amz-Algorithm=").append(kSigningAlgorithm);
  target +=
      "&X-Amz-Credential=" + uri_encode(credentials.access_key + "/" + scope.text(), Slash::Encode);
  target += "&X-Amz-Date=" + scope.timestamp +
            "&X-Amz-Expires=" + std::to_string(options.expires.count());
  if (!credentials.session_token.empty()) {
    target += "&X-Amz-Security-Token=" + uri_encode(credentials.session_token, Slash::Encode);
  }
  target += "&X-Amz-SignedHeaders=host";

  const auto [path, query] = split_target(target);
  const std::string hash = signs_raw_path(options.service) ? kUnsignedPayload : payload_hash("");
  const std::string canonical =
      canonical_request({options.method, path, query, headers, names, hash}, options.service);
  target += "&X-Amz-Signature=" + signature_of(signing_key(credentials.secret_key, scope),
                                               string_to_sign(scope, canonical));
  return target;
}

}  // namespace millrace::aws
