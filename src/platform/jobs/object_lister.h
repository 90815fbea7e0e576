#pragma once

#include <functional>
#include <string>

#include "platform/records/database.h"

namespace millrace::jobs {

/// What jobs ask the object store.
struct ObjectLister {
  std::function<bool(const std::string& bucket)> has_bucket;
  /// True when at least one object's key begins with `prefix`.
  std::function<bool(const std::string& bucket, const std::string& prefix)> has_object;
};

/// Of the store whose rows are in `database`, which must outlive it.
ObjectLister own_objects(records::Database& database);

}  // namespace millrace::jobs
