#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "platform/aws/client.h"

namespace millrace::cli {

/// $MILLRACE_DATA_DIR, else $XDG_DATA_HOME/millrace, else ~/.local/share/millrace.
std::filesystem::path default_data_dir();

/// What a client needs to reach a daemon, as `millrace env` prints it.
struct Target {
  std::string endpoint;  ///< "http://127.0.0.1:9000" or "https://127.0.0.1:9000"
  std::string access_key;
  std::string secret_key;
  std::string region;
  std::optional<std::filesystem::path> authority;  ///< whom to trust on https, where that is our own
};

/// The daemon of `data_dir`: its published address, and the key that its first start made.
/// Throws Error(Customer) saying how to start one when there is none.
Target daemon_of(const std::filesystem::path& data_dir);

/// A client of the daemon that AWS_ENDPOINT_URL and the AWS key variables name, else of daemon_of(data_dir). A daemon that
/// speaks TLS is spoken to over the socket in its data directory. Throws Error(Customer) for another daemon's https.
aws::Client connect(const std::filesystem::path& data_dir);

}  // namespace millrace::cli
