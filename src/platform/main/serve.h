#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace millrace {

struct ServeOptions {
  std::string version;                                  ///< of this program, for people
  std::filesystem::path data_dir;
  std::string listen = "127.0.0.1:9000";                ///< address:port; port 0 lets the kernel choose
  std::string region = "us-east-1";                     ///< for clients that `millrace env` configures
  bool tls = false;                                     ///< HTTPS instead of HTTP on `listen`
  std::optional<std::filesystem::path> tls_certificate;  ///< PEM, with its chain; none: the installation's own authority
  std::optional<std::filesystem::path> tls_key;          ///< of tls_certificate
  std::optional<std::filesystem::path> trainer;         ///< nullopt: find_trainer()
  std::optional<std::filesystem::path> wheels;          ///< Python wheels for script mode; nullopt: wheels/ of the data directory
  bool stop_jobs = false;                               ///< end running jobs with the daemon, instead of leaving them to run on
  bool allow_unconfined_jobs = false;                   ///< run jobs where the kernel forbids the sandbox
  std::string job_network = "private";                  ///< or "host": jobs have the machine's network
  std::int64_t invocation_timeout = 60;                 ///< seconds for a model to answer an invocation
  std::vector<std::string> console_hosts;               ///< names that the web console answers as, besides its own
  bool store_is_remote = false;                         ///< jobs fetch objects over HTTP although their files are here
};

/// Runs the daemon until SIGINT or SIGTERM; returns the exit status. Throws Error when it cannot start.
int serve(const ServeOptions& options);

}  // namespace millrace
