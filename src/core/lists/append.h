#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/lists/form.h"
#include "core/lists/list.h"

namespace millrace::lists {

/// Appends rows to a list, each with the next index. What rows view must outlive them, as the list
/// must.
class Appender {
 public:
  explicit Appender(const List& list);

  /// Throws Error(Customer) "<place>: ..." for a picture that the list has a row of, and "<place>,
  /// for <list>: ..." for labels that do not fit its form.
  void add(std::string_view path, std::span<const float> labels, const std::string& place);

  [[nodiscard]] const std::vector<LstRow>& rows() const { return rows_; }
  [[nodiscard]] std::int64_t added() const { return added_; }

 private:
  std::vector<LstRow> rows_;
  Form form_;
  std::size_t width_;
  std::uint64_t next_;
  std::string origin_;
  std::unordered_set<std::string_view> paths_;
  std::int64_t added_ = 0;
};

}  // namespace millrace::lists
