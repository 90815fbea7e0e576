#include "platform/main/listeners.h"

#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/client.h"
#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/hosting/invocations.h"

namespace millrace {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:9000" taken apart at the last colon, so that IPv6 addresses may stand in brackets.
HostAndPort host_and_port(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : parse_int(std::string_view(listen).substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) {
    throw Error(Blame::Customer,
                Problem{.where = "option --listen",
                        .given = listen,
                        .expected = "an address and a port, such as 127.0.0.1:9000",
                        .fix = "Use port 0 for any free port."});
  }
  const std::string_view host = std::string_view(listen).substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return {.host = std::string(bracketed ? host.substr(1, host.size() - 2) : host),
          .port = static_cast<std::uint16_t>(*port)};
}

http::ServerOptions server_options(const std::string& listen, const DaemonFiles& files) {
  HostAndPort place = host_and_port(listen);
  http::ServerOptions options;
  options.address = std::move(place.host);
  options.port = place.port;
  options.unix_socket = files.socket().string();
  // Invocations wait for models, at most hosting::Invocations::Options::max_running of them; the
  // rest is for everybody else.
  options.workers = 256;
  // Documents and invocations come whole before a worker is given to them.
  options.whole_body_bytes = hosting::Invocations::kMaxBodyBytes;
  return options;
}

/// Where the last daemon listened for its jobs, some of which may still run and know that address;
/// 0 where there was none.
std::uint16_t last_jobs_port(const DaemonFiles& files) {
  if (!std::filesystem::exists(files.endpoint())) return 0;
  const Json last = parse_json(read_file(files.endpoint()), files.endpoint().string());
  if (!last.contains("JobsEndpoint")) return 0;
  return http::parse_address(require_string(last, "JobsEndpoint", files.endpoint().string())).port;
}

}  // namespace

std::string listen_host(const std::string& listen) {
  return host_and_port(listen).host;
}

Listeners::Listeners(const ServeOptions& options, const DaemonFiles& files, http::Handler handler,
                     const http::Handler& for_jobs) {
  http::ServerOptions main = server_options(options.listen, files);
  if (options.tls) {
    prepare_tls(options, files);
    main.secure = [this](int fd) { return tls_->accept(fd, tls::local_address(fd)); };
    listen_for_jobs(files, for_jobs);
  }
  main_ = std::make_unique<http::Server>(std::move(main), std::move(handler));
  endpoint_ = (options.tls ? "https://" : "http://") +
              options.listen.substr(0, options.listen.rfind(':')) + ":" +
              std::to_string(main_->port());
  if (!options.tls) jobs_endpoint_ = endpoint_;

  Json published{{"Endpoint", endpoint_}, {"Region", options.region}};
  if (options.tls) published["JobsEndpoint"] = jobs_endpoint_;
  if (authority_) published["CertificateAuthority"] = authority_->certificate_file().string();
  write_file_durably(files.endpoint(), to_text(published));
}

void Listeners::prepare_tls(const ServeOptions& options, const DaemonFiles& files) {
  if (options.tls_certificate) {
    tls_.emplace(*options.tls_certificate, *options.tls_key);
  } else {
    authority_.emplace(files.authority());
    tls_.emplace(*authority_);
  }
}

void Listeners::listen_for_jobs(const DaemonFiles& files, const http::Handler& handler) {
  http::ServerOptions options;
  options.address = kLoopback;
  options.port = last_jobs_port(files);
  try {
    for_jobs_ = std::make_unique<http::Server>(options, handler);
  } catch (const Error&) {
    if (options.port == 0) throw;
    options.port = 0;  // another program has the port by now
    for_jobs_ = std::make_unique<http::Server>(options, handler);
  }
  jobs_endpoint_ = std::string("http://") + kLoopback + ":" + std::to_string(for_jobs_->port());
}

}  // namespace millrace
