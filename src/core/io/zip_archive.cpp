#include "core/io/zip_archive.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/base/error.h"

namespace millrace {
namespace {

constexpr std::uint32_t kLocalMagic = 0x04034b50;
constexpr std::uint32_t kCentralMagic = 0x02014b50;
constexpr std::uint32_t kEndMagic = 0x06054b50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kFirstDay = 0x21;  // 1980-01-01
constexpr std::size_t kMaxCommentBytes = 0xffff;

std::uint32_t crc32(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320U : 0U);
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

template <class T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
}

template <class T>
T get(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return static_cast<T>(value);
}

std::uint32_t narrow(std::size_t value) {
  if (value > std::numeric_limits<std::uint32_t>::max())
    throw Error(Blame::Platform, "a ZIP archive above 4 GiB cannot be written");
  return static_cast<std::uint32_t>(value);
}

/// What the local and the central header have in common: from "version needed" to "name length".
void put_description(std::string& out, const ZipMember& member, std::uint32_t crc) {
  put(out, kVersion);
  put<std::uint16_t>(out, 0);  // flags
  put<std::uint16_t>(out, 0);  // stored
  put<std::uint16_t>(out, 0);  // time
  put(out, kFirstDay);
  put(out, crc);
  put(out, narrow(member.content.size()));  // packed
  put(out, narrow(member.content.size()));
  put(out, static_cast<std::uint16_t>(member.name.size()));
  put<std::uint16_t>(out, 0);  // extra
}

}  // namespace

std::string write_zip(const std::vector<ZipMember>& members) {
  std::string out, directory;
  for (const ZipMember& member : members) {
    const std::uint32_t offset = narrow(out.size());
    const std::uint32_t crc = crc32(member.content);
    put(out, kLocalMagic);
    put_description(out, member, crc);
    out += member.name;
    out += member.content;
    put(directory, kCentralMagic);
    put(directory, kVersion);
    put_description(directory, member, crc);
    directory.append(10, '\0');  // comment length, disk, attributes
    put(directory, offset);
    directory += member.name;
  }
  const std::uint32_t begin = narrow(out.size());
  out += directory;
  put(out, kEndMagic);
  put<std::uint32_t>(out, 0);  // disks
  put(out, static_cast<std::uint16_t>(members.size()));
  put(out, static_cast<std::uint16_t>(members.size()));
  put(out, narrow(directory.size()));
  put(out, begin);
  put<std::uint16_t>(out, 0);  // comment
  return out;
}

std::map<std::string, std::string> read_zip(std::string_view bytes, std::string_view origin) {
  const auto refuse = [&](std::size_t at, std::string given, std::string expected) {
    throw Error(Blame::Customer,
                Problem{.where = std::string(origin) + ", byte " + std::to_string(at),
                        .given = std::move(given),
                        .expected = std::move(expected),
                        .fix = "The archive is damaged or of another kind: make it anew."});
  };
  std::optional<std::size_t> end;
  const std::size_t last = bytes.size() >= kEndBytes ? bytes.size() - kEndBytes : 0;
  for (std::size_t back = 0; bytes.size() >= kEndBytes && back <= std::min(last, kMaxCommentBytes);
       ++back) {
    if (get<std::uint32_t>(bytes, last - back) != kEndMagic) continue;
    end = last - back;
    break;
  }
  if (!end) refuse(0, "no end record", "a ZIP archive");
  const auto count = get<std::uint16_t>(bytes, *end + 10);
  std::size_t at = get<std::uint32_t>(bytes, *end + 16);
  std::map<std::string, std::string> contents;
  for (std::uint16_t i = 0; i < count; ++i) {
    if (at + kCentralBytes > *end || get<std::uint32_t>(bytes, at) != kCentralMagic)
      refuse(at, "other bytes", "an entry of the directory");
    const auto flags = get<std::uint16_t>(bytes, at + 8);
    const auto method = get<std::uint16_t>(bytes, at + 10);
    const auto crc = get<std::uint32_t>(bytes, at + 16);
    const std::size_t size = get<std::uint32_t>(bytes, at + 20);
    const std::size_t name_bytes = get<std::uint16_t>(bytes, at + 28);
    const std::size_t more =
        std::size_t{get<std::uint16_t>(bytes, at + 30)} + get<std::uint16_t>(bytes, at + 32);
    const std::size_t local = get<std::uint32_t>(bytes, at + 42);
    if (at + kCentralBytes + name_bytes + more > *end) refuse(at, "an entry cut off", "its end");
    const std::string name(bytes.substr(at + kCentralBytes, name_bytes));
    if (method != 0 || (flags & 1) != 0) refuse(at, "a packed member " + name, "a stored one");
    if (local + kLocalBytes > *end || get<std::uint32_t>(bytes, local) != kLocalMagic)
      refuse(local, "other bytes", "the head of " + name);
    const std::size_t begin = local + kLocalBytes + get<std::uint16_t>(bytes, local + 26) +
                              get<std::uint16_t>(bytes, local + 28);
    if (begin + size > *end) refuse(local, "a member cut off", std::to_string(size) + " bytes");
    const std::string_view content = bytes.substr(begin, size);
    if (crc32(content) != crc) refuse(begin, "another checksum", "the content of " + name);
    contents[name] = std::string(content);
    at += kCentralBytes + name_bytes + more;
  }
  return contents;
}

}  // namespace millrace
