#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/io/byte_source.h"

namespace millrace {

/// What a tar archive says about a member besides its name. Owner is always 0:0 without names, so
/// that an archive tells nothing about the machine it was made on.
struct TarAttributes {
  unsigned mode = 0644;  ///< permission bits
  Time modified{};       ///< kept in whole seconds
};

/// Writes a POSIX tar archive (ustar, with pax extended headers where a name, link or size needs
/// one) as a stream.
///
///     TarWriter tar(gzip);
///     tar.add_directory("code", {.mode = 0755});
///     tar.add_file("code/train.py", size, {}, file);
///     tar.finish();
///
/// Names are relative, separated by '/', without a leading "./". Source: IEEE Std 1003.1-2017, pax.
class TarWriter {
 public:
  /// `archive` must outlive the writer.
  explicit TarWriter(ByteSink& archive) : archive_(archive) {}

  void add_directory(std::string_view name, const TarAttributes& attributes);
  void add_symlink(std::string_view name, std::string_view target, const TarAttributes& attributes);
  /// Takes exactly `size` bytes. Throws Error(Platform) naming the member when `content` ends
  /// before.
  void add_file(std::string_view name, std::uint64_t size, const TarAttributes& attributes,
                ByteSource& content);

  /// Writes the end marker and pads to the customary block of 10,240 bytes; once, after the last
  /// member.
  void finish();

 private:
  struct Member;
  void write_member(const Member& member);
  void write_header(const Member& member);
  void write(std::string_view bytes);
  void pad_to(std::uint64_t multiple);

  ByteSink& archive_;
  std::uint64_t written_ = 0;
};

}  // namespace millrace
