#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/records/connection.h"

namespace millrace::records {

/// Listings of what transform jobs read, in pages from 0. A job is found without regard to case.
class TransformInputTable {
 public:
  /// Where a page stands.
  struct Place {
    std::string account;
    std::string job;
    std::string listing;
    std::int64_t page = 0;
  };

  explicit TransformInputTable(Connection& connection) : connection_(connection) {}

  /// Replaces a page that is there; `objects` is JSON.
  void put(const Place& place, std::string_view objects);
  std::optional<std::string> find(const Place& place);
  /// Every listing of the job but that one; empty: all.
  void erase_but(std::string_view account, std::string_view job, std::string_view listing);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
