#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::store {

struct ListQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;  ///< empty for none
  std::string after;      ///< keys and common prefixes up to this one are left out; what a previous
                          ///< page ended with
  std::int64_t limit = 0;
};

struct ListedObject {
  std::string key;
  std::int64_t size = 0;
  Time modified_at{};
  std::string etag;
  std::string checksum;  ///< in the row's form, or empty
  std::string content;
};

struct Listing {
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  ///< key or common prefix that ends the page
};

/// Where a listing that continues after `after` starts: a key behind it, or, when `after` lies in a
/// common prefix, the first key behind that.
std::string first_key_after(std::string_view after, std::string_view prefix,
                            std::string_view delimiter);

/// The common prefix `key` is rolled up into: up to and with the first delimiter behind `prefix`;
/// empty for none.
std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter);

/// One page in the order of the keys' bytes; objects and common prefixes count alike. Costs one
/// index look-up for every entry of the page, however many keys lie below a common prefix.
Listing list_page(records::Connection& connection, const ListQuery& query);

}  // namespace millrace::store
