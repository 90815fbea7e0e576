#pragma once

#include <string>
#include <string_view>

namespace millrace::runner {

/// Writes all of `bytes`, however many calls it takes; false when the file system, or a quota of
/// it, is full. Throws Error(Platform) "<where>: ..." for every other failure.
bool write_while_room(int fd, std::string_view bytes, const std::string& where);

/// Whether errno says that the file system, or a quota of it, is full.
bool is_full();

}  // namespace millrace::runner
