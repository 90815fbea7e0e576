#pragma once

#include "platform/console/call.h"
#include "platform/console/preview/user_files.h"

namespace millrace::console {

/// A look into files of users.
class Preview {
 public:
  /// `files` must outlive this.
  explicit Preview(const UserFiles& files) : files_(files) {}

  /// GET /mr/preview/s3/{}/{*}: what an object holds; see sample().
  http::Response object(Call& call);
  /// GET /mr/preview?place=: the same of any place.
  http::Response place(Call& call);

 private:
  const UserFiles& files_;
};

}  // namespace millrace::console
