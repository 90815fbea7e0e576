#include "platform/runner/channels/object_names.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {
namespace {

constexpr std::size_t kMaxPartBytes = 255;  // of every common file system
constexpr std::size_t kShownBytes = 200;

[[noreturn]] void refuse(std::string_view channel, std::string_view key, std::string_view reason) {
  throw Error(Blame::Customer, "channel '" + std::string(channel) + "', key '" +
                                   printable(key, kShownBytes) + "': " + std::string(reason) +
                                   ". Rename the object, or choose a prefix without it.");
}

void check_parts(std::string_view channel, std::string_view key, std::string_view path) {
  if (path.find('\0') != std::string_view::npos)
    refuse(channel, key, "a NUL byte cannot be in a file name");
  for (const std::string_view part : split(path, '/')) {
    if (part.empty()) refuse(channel, key, "an empty part between slashes cannot be a file name");
    if (part == "." || part == "..")
      refuse(channel, key, "'.' and '..' would lead out of the channel's directory");
    if (part.size() > kMaxPartBytes)
      refuse(channel, key, "a part longer than 255 bytes cannot be a file name");
  }
}

/// The names are sorted so that what lies below a name follows it at once: '/' sorts before every
/// other byte.
bool path_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto rank = [](char c) {
      return c == '/' ? -1 : static_cast<int>(static_cast<unsigned char>(c));
    };
    return rank(x) < rank(y);
  });
}

void check_collisions(std::string_view channel, std::span<const ListedKey> keys,
                      const std::vector<NamedObject>& objects) {
  std::vector<const NamedObject*> sorted;
  for (const NamedObject& object : objects) sorted.push_back(&object);
  std::sort(sorted.begin(), sorted.end(),
            [](const NamedObject* a, const NamedObject* b) { return path_less(a->path, b->path); });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const NamedObject& above = *sorted[i - 1];
    const NamedObject& below = *sorted[i];
    if (above.path == below.path) {
      refuse(channel, keys[below.index].key,
             "it would be the same file '" + printable(below.path, kShownBytes) + "' as the key '" +
                 printable(keys[above.index].key, kShownBytes) + "'");
    }
    if (below.path.starts_with(above.path + "/")) {
      refuse(channel, keys[below.index].key,
             "it needs a directory where the key '" +
                 printable(keys[above.index].key, kShownBytes) + "' is a file");
    }
  }
}

}  // namespace

std::string local_name(std::string_view prefix, std::string_view key) {
  const std::string_view rest = key.substr(prefix.size());
  if (!prefix.empty() && !prefix.ends_with('/') && rest.starts_with('/'))
    return std::string(rest.substr(1));
  const std::size_t slash = prefix.rfind('/');
  return std::string(key.substr(slash == std::string_view::npos ? 0 : slash + 1));
}

std::vector<NamedObject> name_objects(std::string_view channel, std::string_view prefix,
                                      std::span<const ListedKey> keys) {
  std::vector<NamedObject> objects;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view key = keys[i].key;
    if (key.ends_with('/') && keys[i].empty) continue;
    objects.push_back({.index = i, .path = local_name(prefix, key)});
    check_parts(channel, key, objects.back().path);
  }
  check_collisions(channel, keys, objects);
  return objects;
}

}  // namespace millrace::runner
