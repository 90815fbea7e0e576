#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::outposts {

/// A page of a listing.
template <class Row>
struct Page {
  std::vector<Row> rows;
  std::optional<std::string> next_token;
};

/// At most `size` of `rows`, which are ordered by `key_of`, behind the key that is the token. A
/// size of 0 stands for the largest.
template <class Row, class KeyOf>
Page<Row> page_of(std::vector<Row> rows, KeyOf key_of, const std::optional<std::string>& token,
                  std::int64_t size, std::int64_t largest) {
  Page<Row> page;
  const auto limit = static_cast<std::size_t>(size == 0 ? largest : std::min(size, largest));
  for (Row& row : rows) {
    if (token && key_of(row) <= *token) continue;
    if (page.rows.size() == limit) {
      page.next_token = key_of(page.rows.back());
      break;
    }
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace millrace::outposts
