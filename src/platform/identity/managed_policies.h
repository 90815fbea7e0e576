#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/identity/policy.h"

namespace millrace::identity {

/// A policy that everybody knows by its name ("arn:aws:iam::aws:policy/ReadOnlyAccess"), as far as
/// what it allows exists here; nullopt for one that is not offered.
std::optional<Policy> managed_policy(std::string_view arn);

/// The ARNs of those that are, for messages.
std::vector<std::string> managed_policy_arns();

}  // namespace millrace::identity
