#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <set>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/text.h"
#include "core/http/client.h"
#include "core/io/file.h"
#include "generated/embedded/kNodeProxy.h"
#include "platform/cli/child_process.h"
#include "platform/cli/client_kit.h"
#include "platform/cli/command_environment.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/daemon_files.h"
#include "platform/proxy/audit_log.h"
#include "platform/proxy/forward_proxy.h"
#include "platform/tls/authority.h"

namespace millrace::cli {
namespace {

/// What shells end with when a command cannot be run.
constexpr int kNotRun = 127;

struct RunOptions {
  std::vector<std::string> command;
  bool quiet = false;
};

/// Tells of each refused host once, on standard error: what the command makes of a refusal is often
/// unreadable, or nothing at all.
class Notices {
 public:
  explicit Notices(std::filesystem::path audit_file) : audit_file_(std::move(audit_file)) {}

  void tell(const proxy::Attempt& attempt) {
    const bool first = told_.with([&](auto& told) { return told.insert(attempt.host).second; });
    if (!first) return;
    std::cerr << "millrace run: refused " + printable(attempt.host, 255) + ":" +
                     std::to_string(attempt.port) + ". " + attempt.refusal + " Recorded in " +
                     audit_file_.string() + "\n";
  }
  /// An attempt that is refused because the audit log does not take it.
  void tell(const proxy::Attempt& attempt, const Error& failure) {
    const bool first = told_.with([&](auto& told) { return told.insert("").second; });
    if (!first) return;
    std::cerr << "millrace run: refused " + printable(attempt.host, 255) + ":" +
                     std::to_string(attempt.port) + ": " + failure.what() +
                     ". Nothing is reached " + "until " + audit_file_.string() +
                     " can be written again.\n";
  }

 private:
  std::filesystem::path audit_file_;
  Guarded<std::set<std::string>> told_;  ///< hosts; "" of the audit log's failure
};

/// Written once and again when another version of Millrace has another text.
void write_if_different(const std::filesystem::path& path, std::string_view text) {
  if (std::filesystem::exists(path) && read_file(path) == text) return;
  std::filesystem::create_directories(path.parent_path());
  write_file_durably(path, text);
}

void require_running(const DaemonFiles& files) {
  try {
    http::Client(http::parse_address("unix:" + files.socket().string()))
        .send({.method = "HEAD", .target = "/", .headers = {}, .content = {}, .stream_length = {}});
  } catch (const Error&) {
    throw Error(Blame::Customer, "no daemon runs in " + files.data_dir.string() +
                                     ". Start it with: millrace serve --data-dir " +
                                     files.data_dir.string());
  }
}

ChildProcess::End run_command(const std::filesystem::path& data_dir, const RunOptions& options) {
  const DaemonFiles files{std::filesystem::absolute(data_dir).lexically_normal()};
  const Target target = daemon_of(files.data_dir);
  require_running(files);

  ChildProcess child;
  tls::Authority authority(files.authority());
  const tls::ServerContext context(authority);
  proxy::AuditLog audit(files.proxy_audit());
  Notices notices(files.proxy_audit());
  proxy::ForwardProxy forward({.daemon_socket = files.socket(),
                               .on_attempt =
                                   [&](const proxy::Attempt& attempt) {
                                     try {
                                       audit.record(attempt);
                                     } catch (const Error& failure) {
                                       notices.tell(attempt, failure);
                                       throw;
                                     }
                                     if (!attempt.refusal.empty() && !options.quiet)
                                       notices.tell(attempt);
                                   }},
                              context);
  const RunSettings settings{.data_dir = files.data_dir,
                             .target = target,
                             .proxy_port = forward.port(),
                             .authority = authority.certificate_file(),
                             .models = files.clients() / "models",
                             .node_preload = files.clients() / "node-proxy.cjs"};
  write_missing_models(settings.models);
  write_if_different(settings.node_preload, embedded::kNodeProxy);

  child.start(options.command, command_environment(own_environment(), settings));
  // Not its arguments, which may hold secrets.
  audit.set_process(child.pid(), options.command.front());
  forward.start();
  return child.wait();
}

}  // namespace

std::vector<std::string> take_command(int& argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "run") return {};
  for (int at = 2; at < argc; ++at) {
    if (std::string_view(argv[at]) != "--") continue;
    std::vector<std::string> command(argv + at + 1, argv + argc);
    argc = at;
    return command;
  }
  return {};
}

void add_run_command(CLI::App& app, std::filesystem::path& data_dir,
                     const std::vector<std::string>& command, ExitStatus& status) {
  CLI::App* run = app.add_subcommand(
      "run", "Run a program that knows only amazonaws.com, unchanged, against the daemon");
  run->footer(
      "While the command runs, a proxy on loopback answers in place of Amazon's hosts: STS, IAM, "
      "S3 with\n"
      "its buckets as host names, S3 Control and Outposts, SageMaker, CloudWatch and its logs, "
      "ECR. Every\n"
      "other host is refused and written to proxy-audit.jsonl in the data directory. The command "
      "finds\n"
      "proxy, keys, region and whom to trust in its environment (HTTPS_PROXY, AWS_CA_BUNDLE and "
      "their\n"
      "kin); a program that ignores these variables is not held back by them. Signals and the "
      "exit\n"
      "status pass through; status 127 means that the command could not be started.\n\n"
      "Examples:\n"
      "  millrace run -- python3 train.py              # boto3, SageMaker SDK, requests\n"
      "  millrace run -- aws s3 sync ./pictures s3://data/pictures\n"
      "  millrace run -- node deploy.mjs               # AWS SDK for JavaScript\n"
      "  millrace run -- curl https://sts.us-east-1.amazonaws.com/\n"
      "  millrace run --data-dir /srv/millrace -- jupyter lab\n"
      "  millrace run -- bash                          # everything started from this shell\n");
  add_data_dir_option(*run, data_dir);
  auto options = std::make_shared<RunOptions>();
  run->add_flag("--quiet", options->quiet, "Say nothing about refused hosts on standard error");
  run->allow_extras();
  run->callback([&data_dir, &command, &status, options, run] {
    if (command.empty()) {
      status.failed = 2;
      throw Error(
          Blame::Customer,
          "run: expected -- and a command" +
              (run->remaining().empty() ? std::string(", such as: millrace run -- python3 train.py")
                                        : " before '" + run->remaining().front() + "'"));
    }
    options->command = command;
    status.failed = kNotRun;
    const ChildProcess::End end = run_command(data_dir, *options);
    if (end.signal != 0) end_by(end.signal);
    status.done = end.signal != 0 ? 128 + end.signal : end.status;
  });
}

}  // namespace millrace::cli
