#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>

#include "core/base/guarded.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What lies below a prefix.
struct SourceCount {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;
  bool more = false;  ///< than were counted
};

/// Counts what jobs' prefixes hold, for pages that ask every other second: a running job's at most
/// once a minute, an ended one's once, as far as they are remembered.
class SourceCounts {
 public:
  /// So many objects of a prefix are counted.
  static constexpr std::int64_t kMaxCounted = 100'000;
  static constexpr std::size_t kMaxKept = 2000;
  static constexpr std::chrono::seconds kFresh{60};

  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  /// `database` must outlive this.
  explicit SourceCounts(records::Database& database, Clock clock = std::chrono::steady_clock::now)
      : database_(database), clock_(std::move(clock)) {}

  /// `job` names the job and the account; `ended`: nothing that it reads changes its count any
  /// more.
  SourceCount count(const std::string& job, bool ended, const std::string& bucket,
                    const std::string& prefix);

 private:
  struct Kept {
    std::string key;
    SourceCount count;
    std::chrono::steady_clock::time_point at;
    bool ended = false;
  };
  struct State {
    std::list<Kept> order;  ///< counted last first
    std::unordered_map<std::string, std::list<Kept>::iterator> by_key;
  };

  records::Database& database_;
  const Clock clock_;
  Guarded<State> state_;
};

}  // namespace millrace::console
