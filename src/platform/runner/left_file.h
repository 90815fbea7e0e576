#pragma once

#include <cstddef>
#include <string>

#include "platform/runner/workspace.h"

namespace millrace::runner {

/// The beginning of a small file that a program left, `path` relative to /opt/ml; empty when there
/// is none, or something else in its place.
std::string read_left_file(const Workspace& workspace, const char* path, std::size_t max_bytes);

}  // namespace millrace::runner
