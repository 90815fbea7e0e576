#pragma once

#include <string>

namespace millrace::aws {

/// A fresh id for one request: 16 upper-case hexadecimal digits. Unique, not secret; costs no system call.
std::string new_request_id();

/// The same id in the form of a UUID, as the JSON and query services show theirs.
std::string request_id_as_uuid(const std::string& id);

}  // namespace millrace::aws
