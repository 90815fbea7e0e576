#pragma once

#include <cstddef>
#include <string>

namespace millrace {

/// Bytes of the kernel's generator (getrandom); for identifiers, keys and secrets. Throws Error(Platform).
std::string random_bytes(std::size_t count);
/// 2 * `bytes` hexadecimal digits.
std::string random_hex(std::size_t bytes);
/// A version 4 UUID in its usual text form.
std::string random_uuid();

}  // namespace millrace
