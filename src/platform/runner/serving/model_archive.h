#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "core/io/byte_source.h"

namespace millrace::runner {

/// Unpacks a model's archive, a gzipped tar, into `directory`, which exists and which nobody else
/// writes to. Regular files keep their permission to be executed and nothing else of their mode;
/// directories, symbolic links that stay inside (archive_path.h) and hard links to members before
/// them are made as well; a member replaces an earlier one of its name. Ends early, incomplete,
/// when `stop` fires.
///
/// Throws Error(Customer) "<origin>, member 'x': ..." for names and links that lead out, names
/// behind a link, devices, FIFOs and other special members, and as soon as the content comes to
/// more than `max_bytes` (each member counts for at least 4096); and "<origin>...: ..." for an
/// archive that is damaged.
void unpack_model(ByteSource& packed, const std::string& origin,
                  const std::filesystem::path& directory, std::int64_t max_bytes,
                  const std::stop_token& stop);

}  // namespace millrace::runner
