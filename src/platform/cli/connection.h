#pragma once

#include <filesystem>
#include <string>

#include "platform/aws/client.h"

namespace millrace::cli {

/// $MILLRACE_DATA_DIR, else $XDG_DATA_HOME/millrace, else ~/.local/share/millrace.
std::filesystem::path default_data_dir();

/// What a client needs to reach a daemon, as `millrace env` prints it.
struct Target {
  std::string endpoint;  ///< "http://127.0.0.1:9000", or "unix:<path>"
  std::string access_key;
  std::string secret_key;
  std::string region;
};

/// The daemon of `data_dir`: its published address, and the key that its first start made.
/// Throws Error(Customer) saying how to start one when there is none.
Target daemon_of(const std::filesystem::path& data_dir);

/// A client of the daemon that AWS_ENDPOINT_URL and the AWS key variables name, else of daemon_of(data_dir).
aws::Client connect(const std::filesystem::path& data_dir);

}  // namespace millrace::cli
