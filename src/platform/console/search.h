#pragma once

#include <string>
#include <string_view>

#include "platform/console/call.h"
#include "platform/console/lists/list_versions.h"
#include "platform/records/database.h"

namespace millrace::console {

/// Finds things by name, tag and place, of every kind at once: what the search box asks. What the
/// caller's policies do not allow is simply not found.
class Search {
 public:
  static constexpr std::size_t kMaxTextBytes = 256;
  static constexpr std::int64_t kDefaultFound = 6;  ///< of each kind
  static constexpr std::int64_t kMaxFound = 50;
  static constexpr std::size_t kMaxBuckets = 100;  ///< that are looked into for keys

  /// All must outlive this.
  Search(records::Database& database, const ListVersions& versions, Allows allows)
      : database_(database), versions_(versions), allows_(std::move(allows)) {}

  /// GET /mr/search?q=&limit=
  http::Response find(Call& call);

 private:
  class Finding;

  records::Database& database_;
  const ListVersions& versions_;
  const Allows allows_;
};

}  // namespace millrace::console
