#pragma once

#include "platform/catalog/algorithms.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/preview/user_files.h"

namespace millrace::console {

/// What became of another list: two jobs beside each other.
class Impact {
 public:
  /// All must outlive this.
  Impact(ListVersions& versions, const UserFiles& files, const catalog::Algorithms& algorithms,
         Permit permit)
      : versions_(versions), files_(files), algorithms_(algorithms), permit_(std::move(permit)) {}

  /// GET /mr/impact?a=JOB&b=JOB
  http::Response compare(Call& call);

 private:
  ListVersions& versions_;
  const UserFiles& files_;
  const catalog::Algorithms& algorithms_;
  const Permit permit_;
};

}  // namespace millrace::console
