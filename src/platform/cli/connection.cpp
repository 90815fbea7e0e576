#include "platform/cli/connection.h"

#include <cstdlib>

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/cli/daemon_files.h"

namespace millrace::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Nothing here speaks TLS as a client: the daemon of `data_dir` listens on a socket there, too.
http::Address address_of(const std::string& endpoint, const std::filesystem::path& data_dir) {
  if (!endpoint.starts_with("https://")) return http::parse_address(endpoint);
  if (daemon_of(data_dir).endpoint != endpoint) {
    throw Error(Blame::Customer, Problem{.where = "AWS_ENDPOINT_URL",
                                         .given = endpoint,
                                         .expected = "the daemon of " + data_dir.string() + ", or an http:// address",
                                         .fix = "Give that daemon's data directory with --data-dir."});
  }
  return {.host = {}, .port = 0, .unix_socket = DaemonFiles{data_dir}.socket().string()};
}

}  // namespace

std::filesystem::path default_data_dir() {
  if (const std::string own = variable("MILLRACE_DATA_DIR"); !own.empty()) return own;
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) return std::filesystem::path(data) / "millrace";
  const std::string home = variable("HOME");
  return std::filesystem::path(home.empty() ? "/var/lib" : home + "/.local/share") / "millrace";
}

Target daemon_of(const std::filesystem::path& data_dir) {
  const DaemonFiles files{data_dir};
  if (!std::filesystem::exists(files.endpoint()) || !std::filesystem::exists(files.credentials())) {
    throw Error(Blame::Customer, "no daemon has run in " + data_dir.string() + ". Start one with: millrace serve --data-dir " +
                                     data_dir.string());
  }
  const Json endpoint = parse_json(read_file(files.endpoint()), files.endpoint().string());
  const Json key = parse_json(read_file(files.credentials()), files.credentials().string());
  std::optional<std::filesystem::path> authority;
  if (endpoint.contains("CertificateAuthority"))
    authority = require_string(endpoint, "CertificateAuthority", files.endpoint().string());
  return {.endpoint = require_string(endpoint, "Endpoint", files.endpoint().string()),
          .access_key = require_string(key, "AccessKeyId", files.credentials().string()),
          .secret_key = require_string(key, "SecretAccessKey", files.credentials().string()),
          .region = require_string(endpoint, "Region", files.endpoint().string()),
          .authority = std::move(authority)};
}

aws::Client connect(const std::filesystem::path& data_dir) {
  Target target;
  const std::string endpoint = variable("AWS_ENDPOINT_URL");
  const std::string access_key = variable("AWS_ACCESS_KEY_ID");
  if (!endpoint.empty() && !access_key.empty()) {
    const std::string region = variable("AWS_DEFAULT_REGION");
    target = {.endpoint = endpoint,
              .access_key = access_key,
              .secret_key = variable("AWS_SECRET_ACCESS_KEY"),
              .region = region.empty() ? "us-east-1" : region,
              .authority = {}};
  } else {
    target = daemon_of(data_dir);
  }
  return aws::Client(address_of(target.endpoint, data_dir),
                     aws::Credentials{.access_key = target.access_key, .secret_key = target.secret_key, .session_token = {}},
                     target.region);
}

}  // namespace millrace::cli
