#pragma once

#include <cstdint>
#include <string>

#include "platform/containers/root_tree.h"

namespace millrace::containers {

/// Whom a program runs as, inside.
struct RootUser {
  std::int64_t user_id = 0;
  std::int64_t group_id = 0;
  std::string home = "/";
};

/// `user` as an image's configuration has it: "", "name", "1000", each with or without ":group".
/// Names are looked up in the image's own /etc/passwd and /etc/group; numbers need not be there.
/// Throws Error(Customer) for a name that is not there.
RootUser find_user(const RootTree& tree, const std::string& user);

}  // namespace millrace::containers
