#include "core/io/tar_reader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMaxExtensionBytes = 64 * 1024;

std::string_view text_field(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

/// Octal digits, or GNU's base-256 form for sizes from 8 GiB up.
std::optional<std::uint64_t> number_field(std::string_view field) {
  std::uint64_t value = 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) {
    for (const char c : field.substr(field.size() - 8))
      value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  for (const char c : trim(field.substr(0, field.find('\0')))) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool checksum_holds(std::string_view header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
  return number_field(header.substr(148, 8)) == sum;
}

/// Gives `take` each record of a pax header, "<length> <key>=<value>\n", as "<key>=<value>".
template <class Take>
void each_pax_record(std::string_view records, const Take& take) {
  while (!records.empty()) {
    const std::size_t space = records.find(' ');
    if (space == std::string_view::npos) break;
    const auto length = parse_int(records.substr(0, space));
    if (!length || *length <= static_cast<std::int64_t>(space) ||
        *length > static_cast<std::int64_t>(records.size()))
      break;
    std::string_view line =
        records.substr(space + 1, static_cast<std::size_t>(*length) - space - 1);
    if (line.ends_with('\n')) line.remove_suffix(1);
    take(line);
    records.remove_prefix(static_cast<std::size_t>(*length));
  }
}

/// The value of `key` in a pax header.
std::optional<std::string> pax_value(std::string_view records, std::string_view key) {
  std::optional<std::string> found;
  each_pax_record(records, [&](std::string_view record) {
    if (record.starts_with(key) && record.substr(key.size()).starts_with('='))
      found = std::string(record.substr(key.size() + 1));
  });
  return found;
}

/// The key of a record by which GNU tar marks a sparse file in a pax header (its manual, "Sparse
/// Formats").
std::optional<std::string> pax_sparse_key(std::string_view records) {
  std::optional<std::string> found;
  each_pax_record(records, [&](std::string_view record) {
    if (!found && record.starts_with("GNU.sparse."))
      found = std::string(record.substr(0, record.find('=')));
  });
  return found;
}

/// POSIX.1-2008, pax, table 4-15; '\0' is what archives before POSIX have.
TarMember::Kind kind_of(char type) {
  switch (type) {
    case '0':
    case '\0':
    case '7':  // contiguous, which no file system of today is
      return TarMember::Kind::File;
    case '1':
      return TarMember::Kind::HardLink;
    case '2':
      return TarMember::Kind::SymbolicLink;
    case '5':
      return TarMember::Kind::Directory;
    default:
      return TarMember::Kind::Other;
  }
}

/// What cannot be read, or is before 1970 or absurdly late, is the epoch: no content hangs on it.
std::int64_t modified_of(std::string_view header, const std::optional<std::string>& pax) {
  constexpr std::int64_t kLatest = std::int64_t{1} << 40;
  std::optional<std::int64_t> seconds;
  if (pax) {
    seconds = parse_int(std::string_view(*pax).substr(0, pax->find('.')));
  } else if (const auto field = number_field(header.substr(136, 12))) {
    seconds = static_cast<std::int64_t>(std::min<std::uint64_t>(*field, kLatest + 1));
  }
  return seconds && *seconds >= 0 && *seconds <= kLatest ? *seconds : 0;
}

}  // namespace

TarReader::TarReader(ByteSource& source, std::string origin)
    : source_(source), origin_(std::move(origin)) {}

void TarReader::refuse(std::string given, std::string expected) const {
  throw Error(Blame::Customer,
              Problem{.where = origin_ + ", byte " + std::to_string(offset_),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = "The archive is damaged or cut off: pack or upload it again."});
}

void TarReader::refuse_sparse(std::uint64_t at, const std::string& name,
                              const std::string& form) const {
  constexpr std::size_t kShownBytes = 200;
  throw Error(Blame::Customer, Problem{.where = origin_ + ", byte " + std::to_string(at),
                                       .given = "the sparse file '" + printable(name, kShownBytes) +
                                                "' (" + printable(form, kShownBytes) + ")",
                                       .expected = "files without holes",
                                       .fix = "Pack it again without tar's option --sparse (-S)."});
}

std::string TarReader::take(std::uint64_t count) {
  std::string bytes(count, '\0');
  const std::size_t got = read_full(source_, bytes);
  if (got < count) refuse("the end of the archive", std::to_string(count - got) + " more bytes");
  offset_ += count;
  return bytes;
}

void TarReader::skip(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(count, 64 * 1024);
    (void)take(step);
    count -= step;
  }
}

std::optional<TarMember> TarReader::next() {
  std::optional<TarMember> member = next_entry();
  while (member && member->kind != TarMember::Kind::File) member = next_entry();
  return member;
}

std::optional<TarMember> TarReader::next_entry() {
  skip(std::exchange(left_, 0) + std::exchange(padding_, 0));
  std::optional<std::string> long_name;
  std::optional<std::string> long_link;
  std::optional<std::string> pax_size;
  std::optional<std::string> pax_modified;
  std::optional<std::string> sparse_key;
  std::optional<std::string> sparse_name;
  for (;;) {
    const std::uint64_t at = offset_;
    std::array<char, kBlock> block;
    const std::size_t got = read_full(source_, block);
    if (got == 0) return std::nullopt;  // many writers leave out the two empty blocks
    if (got < kBlock) refuse(std::to_string(got) + " bytes", "a header of 512");
    const std::string_view header(block.data(), kBlock);
    if (header.find_first_not_of('\0') == std::string_view::npos) return std::nullopt;
    if (!checksum_holds(header)) refuse("a wrong checksum", "a tar header");
    offset_ += kBlock;

    std::optional<std::uint64_t> size = number_field(header.substr(124, 12));
    if (pax_size) {
      const auto value = parse_int(*pax_size);
      size =
          value && *value >= 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
    }
    if (!size) refuse("an unreadable size", "an octal number");
    const std::uint64_t padding = (kBlock - *size % kBlock) % kBlock;
    const char type = header[156];
    if (type == 'g') {  // of the whole archive: nothing that is used here
      skip(*size + padding);
      continue;
    }
    if (type == 'L' || type == 'K' || type == 'x') {
      if (*size > kMaxExtensionBytes)
        refuse(std::to_string(*size) + " bytes", "an extended header of at most 65536");
      std::string content = take(*size);
      skip(padding);
      if (type == 'L') {
        long_name = content.substr(0, content.find('\0'));
      } else if (type == 'K') {
        long_link = content.substr(0, content.find('\0'));
      } else {
        if (auto path = pax_value(content, "path")) long_name = std::move(path);
        if (auto path = pax_value(content, "linkpath")) long_link = std::move(path);
        pax_size = pax_value(content, "size");
        pax_modified = pax_value(content, "mtime");
        sparse_key = pax_sparse_key(content);
        sparse_name = pax_value(content, "GNU.sparse.name");
      }
      continue;
    }
    TarMember member{
        .name = {},
        .size = *size,
        .kind = kind_of(type),
        .link = long_link.value_or(std::string(text_field(header, 157, 100))),
        .mode = static_cast<std::uint32_t>(number_field(header.substr(100, 8)).value_or(0) & 07777),
        .modified = modified_of(header, pax_modified),
        .type = type};
    const bool ustar = header.substr(257, 5) == "ustar";
    const std::string_view prefix = ustar ? text_field(header, 345, 155) : std::string_view();
    member.name = long_name ? *long_name
                            : (prefix.empty() ? "" : std::string(prefix) + "/") +
                                  std::string(text_field(header, 0, 100));
    if (member.name.starts_with("./")) member.name.erase(0, 2);
    if (sparse_key) refuse_sparse(at, sparse_name.value_or(member.name), *sparse_key);
    if (type == 'S') refuse_sparse(at, member.name, "type 'S'");
    left_ = *size;
    padding_ = padding;
    return member;
  }
}

std::size_t TarReader::read(std::span<char> buffer) {
  if (left_ == 0 || buffer.empty()) return 0;
  const std::size_t got = source_.read(
      buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left_))));
  if (got == 0) refuse("the end of the archive", std::to_string(left_) + " more bytes");
  left_ -= got;
  offset_ += got;
  return got;
}

}  // namespace millrace
