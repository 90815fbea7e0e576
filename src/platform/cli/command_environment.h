#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "platform/cli/connection.h"

namespace millrace::cli {

using Environment = std::map<std::string, std::string>;

/// What a command under `millrace run` is told.
struct RunSettings {
  std::filesystem::path data_dir;
  Target target;
  std::uint16_t proxy_port = 0;        ///< on 127.0.0.1
  std::filesystem::path authority;     ///< PEM of whom it is to trust
  std::filesystem::path models;        ///< for AWS_DATA_PATH
  std::filesystem::path node_preload;  ///< script for every Node.js process
};

/// `inherited` with the proxy, the authority, keys and region, by the names under which Python,
/// Node.js, curl, the AWS SDKs and OpenSSL look for them, and without whatever would lead an AWS
/// client elsewhere: other endpoints, other keys, exceptions from the proxy.
Environment command_environment(Environment inherited, const RunSettings& settings);

/// The variables of this process.
Environment own_environment();

}  // namespace millrace::cli
