#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// One entry of an archive.
struct TarMember {
  enum class Kind { File, Directory, SymbolicLink, HardLink, Other };

  std::string name;        ///< as stored, a leading "./" removed
  std::uint64_t size = 0;  ///< bytes of content
  Kind kind = Kind::File;
  std::string link{};         ///< of links: where they lead, as stored
  std::uint32_t mode = 0;     ///< permission bits, as stored
  std::int64_t modified = 0;  ///< seconds since the epoch; pax fractions are left out
  char type = '0';            ///< the header's own letter, of which `kind` is the meaning
};

/// Reads an uncompressed tar archive (ustar, GNU long names, pax paths and sizes) from a stream,
/// once, forwards.
///
///     TarReader tar(source, "model.tar.gz");
///     while (auto member = tar.next()) {
///       if (member->name == "model.json") text = read_all(tar, kMaxBytes, member->name);
///     }
///
/// next() skips members that are not regular files, next_entry() does not. Nothing is written
/// anywhere: what a name may mean is the caller's concern. Failures are Error(Customer) "<origin>,
/// byte N: ...". Sparse files, GNU's and pax's, are among them: their holes are told of in a form
/// that is not read here, and without it their content is another.
class TarReader final : public ByteSource {
 public:
  /// `source` must outlive the reader.
  TarReader(ByteSource& source, std::string origin);

  /// Skips what is left of the current member and goes to the next; nullopt at the end of the
  /// archive.
  std::optional<TarMember> next();
  /// The same, whatever kind of member comes next.
  std::optional<TarMember> next_entry();
  /// The content of the current member.
  std::size_t read(std::span<char> buffer) override;
  /// Bytes of the archive before what read() gives next.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  void skip(std::uint64_t count);
  std::string take(std::uint64_t count);
  [[noreturn]] void refuse(std::string given, std::string expected) const;
  [[noreturn]] void refuse_sparse(std::uint64_t at, const std::string& name,
                                  const std::string& form) const;

  ByteSource& source_;
  std::string origin_;
  std::uint64_t offset_ = 0;
  std::uint64_t left_ = 0;     ///< content bytes of the current member not yet read
  std::uint64_t padding_ = 0;  ///< after them, up to the next block
};

}  // namespace millrace
