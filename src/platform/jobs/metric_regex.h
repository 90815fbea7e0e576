#pragma once

#include <string>

namespace millrace::jobs {

/// Refuses a metric pattern that does not compile. Throws Error(Customer, ValidationException) with
/// the place in the pattern. Dialect: PCRE2, which the supervisor searches with; a superset of what
/// Python's patterns usually need.
void check_metric_regex(const std::string& name, const std::string& regex);

}  // namespace millrace::jobs
