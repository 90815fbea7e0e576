#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/base/time.h"
#include "generated/aws/control/types.h"
#include "platform/aws/caller.h"

namespace millrace::console {

/// Links that sign in whoever opens them first, within ten minutes: what `millrace serve` and
/// `millrace console` print, so that nobody has to type a secret key. The token stands behind '#',
/// which browsers send to no server and write in no log.
class SignInLinks {
 public:
  static constexpr std::chrono::minutes kLifetime{10};

  using Clock = std::function<Time()>;
  explicit SignInLinks(Clock clock = now) : clock_(std::move(clock)) {}

  /// Where the console is: "http://127.0.0.1:9000". Before the first link. An address that stands
  /// for all of this machine's, which no browser can go to, becomes the loopback one.
  void set_endpoint(const std::string& endpoint);

  /// A link for the user of that key.
  std::string issue(const std::string& access_key);
  /// The key that a token was issued for; nullopt for one that is wrong, used or too old. Its
  /// second use fails.
  std::optional<std::string> redeem(std::string_view token);

  /// The operation CreateConsoleLink: a link for the caller. Refuses the keys of jobs.
  wire::control::CreateConsoleLinkResponse create(
      const wire::control::CreateConsoleLinkRequest& request, const aws::Caller& caller);

 private:
  struct Link {
    std::string access_key;
    Time expires{};
  };
  struct State {
    std::string endpoint;
    std::unordered_map<std::string, Link> links;  ///< by the hash of the token
  };

  const Clock clock_;
  Guarded<State> state_;
};

}  // namespace millrace::console
