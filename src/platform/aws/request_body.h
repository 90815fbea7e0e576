#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/io/byte_source.h"

namespace millrace::aws {

/// The whole body of a request that is a document. Throws Error(Customer, RequestEntityTooLarge)
/// for more than `limit` bytes, where they are announced without reading them, and RequestTimeout
/// when they have not all come after `timeout`: every read may wait, so that a client that sends a
/// byte now and then would hold a thread for as long as it likes.
std::string read_body(ByteSource& body, std::optional<std::uint64_t> length, std::uint64_t limit,
                      std::chrono::milliseconds timeout);

}  // namespace millrace::aws
