#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/http/server.h"
#include "platform/cli/daemon_files.h"
#include "platform/main/serve.h"
#include "platform/tls/server_context.h"

namespace millrace {

/// The address of "127.0.0.1:9000", without the brackets of an IPv6 one. Throws Error(Customer)
/// naming the option for text that is no address and port.
std::string listen_host(const std::string& listen);

/// Where the daemon listens: on the address that was asked for, over HTTP or HTTPS; on the socket
/// in its data directory; and, with HTTPS, over plain HTTP on loopback for the programs of its
/// jobs, which so need trust nobody. Publishes the addresses in endpoint.json.
class Listeners {
 public:
  /// `handler` answers on the address that was asked for and on the socket, `for_jobs` on the plain
  /// one that programs of jobs are given beside HTTPS. Throws Error naming the option or the
  /// address that does not work.
  Listeners(const ServeOptions& options, const DaemonFiles& files, http::Handler handler,
            const http::Handler& for_jobs);

  /// "https://127.0.0.1:9000", for clients.
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  /// For programs of jobs; the same where that is plain HTTP.
  [[nodiscard]] const std::string& jobs_endpoint() const { return jobs_endpoint_; }

 private:
  void prepare_tls(const ServeOptions& options, const DaemonFiles& files);
  void listen_for_jobs(const DaemonFiles& files, const http::Handler& handler);

  std::optional<tls::Authority> authority_;
  std::optional<tls::ServerContext> tls_;
  std::unique_ptr<http::Server> main_;
  std::unique_ptr<http::Server> for_jobs_;
  std::string endpoint_;
  std::string jobs_endpoint_;
};

}  // namespace millrace
