#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/connection.h"

namespace millrace::records {

/// Content files whose row was removed or replaced and that are still to be unlinked. A name is
/// added in the transaction that drops the last reference, so that a crash before the unlink loses
/// track of nothing.
class UnreferencedContentTable {
 public:
  explicit UnreferencedContentTable(Connection& connection) : connection_(connection) {}

  void add(std::string_view content);
  void erase(std::string_view content);
  std::vector<std::string> all();

 private:
  Connection& connection_;
};

}  // namespace millrace::records
