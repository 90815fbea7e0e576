#include "platform/cli/command_environment.h"

#include <unistd.h>

#include <array>
#include <string_view>

namespace millrace::cli {
namespace {

/// What could win over the keys that are set here: profiles, tokens and roles of the caller's own.
constexpr std::array<std::string_view, 10> kOtherIdentities{
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN"};

constexpr std::string_view kDirectHosts = "localhost,127.0.0.1,::1";

void set_both_cases(Environment& environment, std::string_view lower, const std::string& value) {
  std::string upper(lower);
  for (char& c : upper) c = c == '_' ? c : static_cast<char>(c - 'a' + 'A');
  environment[std::string(lower)] = value;
  environment[upper] = value;
}

/// `first`, and what was there behind it.
void put_before(Environment& environment, const std::string& name, const std::string& first,
                char separator) {
  std::string& value = environment[name];
  value = value.empty() ? first : first + separator + value;
}

/// In double quotes, as NODE_OPTIONS takes paths with blanks.
std::string quoted_for_node(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

Environment command_environment(Environment environment, const RunSettings& settings) {
  std::erase_if(environment, [](const auto& variable) {
    return variable.first.starts_with("AWS_ENDPOINT_URL") || variable.first == "S3_ENDPOINT_URL";
  });
  for (const std::string_view name : kOtherIdentities) environment.erase(std::string(name));
  // Endpoints in the user's configuration file would lead past the proxy, too.
  environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  environment["AWS_EC2_METADATA_DISABLED"] = "true";

  const std::string proxy = "http://127.0.0.1:" + std::to_string(settings.proxy_port);
  for (const std::string_view name : {"https_proxy", "http_proxy", "all_proxy"})
    set_both_cases(environment, name, proxy);
  set_both_cases(environment, "no_proxy", std::string(kDirectHosts));

  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                           "NODE_EXTRA_CA_CERTS"}) {
    environment[name] = settings.authority.string();
  }
  put_before(environment, "AWS_DATA_PATH", settings.models.string(), ':');
  put_before(environment, "NODE_OPTIONS",
             "--require=" + quoted_for_node(settings.node_preload.string()), ' ');

  environment["MILLRACE_DATA_DIR"] = settings.data_dir.string();  // for our own commands below
  environment["AWS_ACCESS_KEY_ID"] = settings.target.access_key;
  environment["AWS_SECRET_ACCESS_KEY"] = settings.target.secret_key;
  environment["AWS_DEFAULT_REGION"] = settings.target.region;
  environment["AWS_REGION"] = settings.target.region;
  return environment;
}

Environment own_environment() {
  Environment variables;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text(*each);
    const std::size_t mark = text.find('=');
    if (mark != std::string_view::npos)
      variables.insert_or_assign(std::string(text.substr(0, mark)), text.substr(mark + 1));
  }
  return variables;
}

}  // namespace millrace::cli
