#include "core/io/tar_writer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/error.h"

namespace millrace {
namespace {

constexpr std::size_t kRecordBytes = 512;
constexpr std::size_t kBlockBytes = 20 * kRecordBytes;
constexpr std::size_t kNameBytes = 100;
constexpr std::uint64_t kMaxOctalSize = 077777777777;  // eleven octal digits: 8 GiB - 1

/// "<length> key=value\n", where length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  std::string record = std::to_string(length);
  record.append(" ").append(key).append("=").append(value).append("\n");
  return record;
}

}  // namespace

struct TarWriter::Member {
  std::string_view name;
  char type = '0';
  std::string_view link = {};
  std::uint64_t size = 0;
  TarAttributes attributes = {};
};

void TarWriter::write(std::string_view bytes) {
  archive_.write({bytes.data(), bytes.size()});
  written_ += bytes.size();
}

void TarWriter::pad_to(std::uint64_t multiple) {
  static constexpr std::array<char, kBlockBytes> kZeros{};
  const std::uint64_t over = written_ % multiple;
  if (over != 0) write({kZeros.data(), static_cast<std::size_t>(multiple - over)});
}

void TarWriter::write_header(const Member& member) {
  std::array<char, kRecordBytes> header{};
  const auto put = [&](std::size_t at, std::size_t width, std::string_view text) {
    std::copy_n(text.data(), std::min(width, text.size()), header.data() + at);
  };
  // Right-justified octal digits with a NUL behind them.
  const auto put_number = [&](std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = width - 1; i-- > 0; value >>= 3)
      header[at + i] = static_cast<char>('0' + (value & 7));
  };
  const auto seconds = std::max<std::int64_t>(to_millis(member.attributes.modified) / 1000, 0);
  put(0, kNameBytes, member.name);
  put_number(100, 8, member.attributes.mode & 07777U);
  put_number(108, 8, 0);
  put_number(116, 8, 0);
  put_number(124, 12, std::min(member.size, kMaxOctalSize));
  put_number(136, 12, std::min(static_cast<std::uint64_t>(seconds), kMaxOctalSize));
  put(148, 8, "        ");
  header[156] = member.type;
  put(157, kNameBytes, member.link);
  put(257, 8, std::string_view("ustar\00000", 8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_number(148, 7, sum);
  write({header.data(), header.size()});
}

void TarWriter::write_member(const Member& member) {
  std::string extended;
  if (member.name.size() > kNameBytes) extended += pax_record("path", member.name);
  if (member.link.size() > kNameBytes) extended += pax_record("linkpath", member.link);
  if (member.size > kMaxOctalSize) extended += pax_record("size", std::to_string(member.size));
  if (!extended.empty()) {
    write_header({.name = "PaxHeader", .type = 'x', .size = extended.size()});
    write(extended);
    pad_to(kRecordBytes);
  }
  write_header(member);
}

void TarWriter::add_directory(std::string_view name, const TarAttributes& attributes) {
  const std::string with_slash = std::string(name) + "/";
  write_member({.name = with_slash, .type = '5', .attributes = attributes});
}

void TarWriter::add_symlink(std::string_view name, std::string_view target,
                            const TarAttributes& attributes) {
  write_member({.name = name, .type = '2', .link = target, .attributes = attributes});
}

void TarWriter::add_file(std::string_view name, std::uint64_t size, const TarAttributes& attributes,
                         ByteSource& content) {
  constexpr std::size_t kCopyBytes = 256 * 1024;
  write_member({.name = name, .size = size, .attributes = attributes});
  std::vector<char> block(static_cast<std::size_t>(std::min<std::uint64_t>(size, kCopyBytes)));
  for (std::uint64_t left = size; left > 0;) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
    const std::size_t got = content.read({block.data(), want});
    if (got == 0) {
      throw Error(Blame::Platform, "archiving '" + std::string(name) + "': it ended " +
                                       std::to_string(left) +
                                       " bytes before the size it had at first");
    }
    write({block.data(), got});
    left -= got;
  }
  pad_to(kRecordBytes);
}

void TarWriter::finish() {
  static constexpr std::array<char, 2 * kRecordBytes> kEnd{};
  write({kEnd.data(), kEnd.size()});
  pad_to(kBlockBytes);
}

}  // namespace millrace
