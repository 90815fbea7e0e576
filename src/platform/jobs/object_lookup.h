#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// What jobs ask the object store. A bucket may be named by an access point, as in S3 requests.
struct ObjectLookup {
  std::function<bool(const std::string& bucket)> has_bucket;
  /// The first key, in the order of bytes, that begins with `prefix` and is not below `from`.
  std::function<std::optional<std::string>(const std::string& bucket, const std::string& prefix,
                                           const std::string& from)>
      first_key;
  /// At most `max_bytes` from the start of an object. Throws Error(Customer) when there is none.
  using Beginning = std::function<std::string(const aws::Caller& caller, const std::string& bucket,
                                              const std::string& key, std::size_t max_bytes)>;
  Beginning beginning;

  [[nodiscard]] bool has_object(const std::string& bucket, const std::string& prefix) const {
    return has_bucket(bucket) && first_key(bucket, prefix, prefix).has_value();
  }
  [[nodiscard]] bool has_key(const std::string& bucket, const std::string& key) const {
    return has_bucket(bucket) && first_key(bucket, key, key) == key;
  }
};

/// Of the store whose rows are in `database`, which must outlive it, and whose bytes `beginning`
/// reads.
ObjectLookup own_objects(records::Database& database, ObjectLookup::Beginning beginning);

}  // namespace millrace::jobs
