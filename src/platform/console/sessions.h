#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/base/time.h"

namespace millrace::console {

/// Somebody who is signed in to the console.
struct Session {
  std::string access_key;  ///< whose user it acts for
  std::string csrf_token;  ///< to be repeated with whatever changes something
  Time opened{};
  Time last_used{};

  /// When it ends at the latest, used or not.
  [[nodiscard]] Time expires() const;
};

/// The sessions of the console, in memory: a daemon that starts again has none. A session is known
/// by 256 random bits, of which only the hash is kept, so that neither a look at the table nor the
/// time that a look-up takes tells one.
class Sessions {
 public:
  static constexpr std::chrono::hours kLifetime{12};
  static constexpr std::chrono::hours kIdle{1};  ///< and so long without use
  /// The oldest of a key gives way to another beyond these.
  static constexpr std::size_t kMaxOfKey = 100;

  using Clock = std::function<Time()>;
  explicit Sessions(Clock clock = now) : clock_(std::move(clock)) {}

  struct Opened {
    std::string id;  ///< the cookie's value; nobody is told it again
    Session session;
  };
  Opened open(const std::string& access_key);
  /// Counts as a use; nullopt once it has ended.
  std::optional<Session> use(std::string_view id);
  /// Whether it still goes on, which is no use.
  [[nodiscard]] bool lives(std::string_view id) const;
  void close(std::string_view id);

 private:
  using Table = std::unordered_map<std::string, Session>;  ///< by the hash of the id

  [[nodiscard]] bool ended(const Session& session) const;

  const Clock clock_;
  Guarded<Table> table_;
};

/// The hash by which a secret of 256 random bits is kept and found.
std::string kept_form(std::string_view secret);
/// Such a secret, as text that is safe in URLs and cookies.
std::string new_secret();

}  // namespace millrace::console
