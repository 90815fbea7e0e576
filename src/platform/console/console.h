#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/aws/audit.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/dispatch.h"
#include "platform/console/assets.h"
#include "platform/console/aws_calls.h"
#include "platform/console/host_rules.h"
#include "platform/console/routes.h"
#include "platform/console/sessions.h"
#include "platform/console/sign_in_gate.h"
#include "platform/console/sign_in_links.h"

namespace millrace::console {

struct ConsoleOptions {
  std::string address = "127.0.0.1";      ///< where the daemon listens
  std::vector<std::string> host_names{};  ///< that this machine has beyond its own
  bool secure = false;                    ///< the daemon speaks TLS
  std::string region;                     ///< of callers: goes into ARNs
  std::string version;
};

/// Who may do what, as the operations have it.
struct Guards {
  aws::KeyLookup keys;
  aws::Authorize authorize;
  aws::Audit audit;
};

/// The web console's side of the daemon: its files at /console/, and at /mr/ its sessions, AWS
/// calls by session and what it needs beyond them (docs/reference/console-api.md). One of the
/// places that turn whatever error into what is told of it.
///
/// A session stands for an access key: it ends when the key does, and may do what the key may.
class Console {
 public:
  /// All references must outlive this.
  Console(ConsoleOptions options, Guards guards, const aws::Dispatch& dispatch, Assets assets,
          SignInLinks& links);

  /// Paths beyond sessions and AWS calls. Before the first request.
  Routes& routes() { return routes_; }

  /// Whether a request is for the console: it carries no signature, and its path is one of the
  /// console's. A signed one is for a bucket, which may be called "console".
  [[nodiscard]] static bool takes(const http::Request& request);
  /// Never throws. Many threads at once.
  [[nodiscard]] http::Response handle(http::Request& request);

  /// Whether a session goes on and its key still exists.
  [[nodiscard]] bool lives(const std::string& session, const std::string& access_key) const;
  /// Throws Error(Customer) when the caller's policies do not allow it; `call` then or otherwise
  /// remembers for the audit log what was asked.
  void permit(Call& call, std::string action, std::string resource) const;
  /// Whether they do, with nothing remembered.
  [[nodiscard]] bool allows(const aws::Caller& caller, const std::string& action,
                            const std::string& resource) const;

 private:
  http::Response answer(http::Request& request);
  http::Response answer_own(http::Request& request);
  http::Response sign_in(http::Request& request);
  http::Response sign_out(http::Request& request);
  http::Response answer_extra(http::Request& request, const aws::Caller& caller,
                              const std::string& session);
  std::string key_of(http::Request& request);
  http::Response session_document(const Session& session, const aws::Caller& caller) const;
  [[nodiscard]] std::string cookie(const std::string& value, std::int64_t seconds) const;
  void audit(const http::Request& request, const aws::Caller& caller,
             const std::vector<aws::ResourceAccess>& accesses, int status,
             std::string_view error) const;

  const ConsoleOptions options_;
  const Guards guards_;
  const AwsCalls aws_calls_;
  const Assets assets_;
  SignInLinks& links_;
  const HostRules hosts_;
  Sessions sessions_;
  SignInGate gate_;
  Routes routes_;
};

}  // namespace millrace::console
