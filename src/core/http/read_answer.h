#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "core/io/byte_source.h"

namespace millrace::http {

/// A body in memory: all of it, or what had come when it was longer than `limit` or when the time
/// was over, both of which the caller has to look for: one byte more than `limit` tells that there
/// are more. A single read may still last as long as the connection's own time limit.
std::string read_answer(ByteSource& body, std::size_t limit,
                        std::chrono::steady_clock::time_point due);

}  // namespace millrace::http
