#include "platform/containers/root_user.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/io/file.h"

namespace millrace::containers {
namespace {

constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
constexpr std::int64_t kMaxId = INT32_MAX;

// Fields of passwd(5); of group(5) the first three are the same.
constexpr std::size_t kName = 0;
constexpr std::size_t kId = 2;
constexpr std::size_t kGroup = 3;
constexpr std::size_t kHome = 5;

using Fields = std::vector<std::string>;

std::optional<Fields> find_line(const RootTree& tree, const std::string& path,
                                const std::function<bool(const Fields&)>& fits) {
  Fd file = tree.open(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  FdSource source(std::move(file));
  const std::string text = read_all(source, kMaxFileBytes, "/" + path + " of the image");
  for (const std::string_view line : split(text, '\n')) {
    Fields fields;
    for (const std::string_view field : split(line, ':')) fields.emplace_back(field);
    if (fields.size() > kId && fits(fields)) return fields;
  }
  return std::nullopt;
}

std::optional<std::int64_t> id_of(std::string_view text) {
  const std::optional<std::int64_t> id = parse_int(text);
  return id && *id >= 0 && *id <= kMaxId ? id : std::nullopt;
}

/// By name or number; a number is itself where there is no line of it.
std::optional<Fields> find_entry(const RootTree& tree, const std::string& path,
                                 const std::string& who) {
  const std::optional<std::int64_t> number = id_of(who);
  return find_line(tree, path, [&](const Fields& fields) {
    return fields[kName] == who || (number && id_of(fields[kId]) == number);
  });
}

[[noreturn]] void refuse_unknown(const std::string& what, const std::string& who,
                                 const std::string& path) {
  refuse("the image's " + what, who, "one of its /" + path,
         "Build the image with that " + what + ", or give its number.");
}

std::int64_t number_or_refuse(const std::optional<Fields>& entry, const std::string& what,
                              const std::string& who, const std::string& path) {
  const auto id = entry ? id_of((*entry)[kId]) : id_of(who);
  if (!id) refuse_unknown(what, who, path);
  return *id;
}

}  // namespace

RootUser find_user(const RootTree& tree, const std::string& user) {
  const std::size_t colon = user.find(':');
  std::string name = user.substr(0, colon);
  if (name.empty()) name = "0";
  RootUser found;
  const std::optional<Fields> entry = find_entry(tree, "etc/passwd", name);
  found.user_id = number_or_refuse(entry, "user", name, "etc/passwd");
  if (entry && entry->size() > kHome && (*entry)[kHome].starts_with('/'))
    found.home = (*entry)[kHome];
  if (colon != std::string::npos && colon + 1 < user.size()) {
    const std::string group = user.substr(colon + 1);
    found.group_id =
        number_or_refuse(find_entry(tree, "etc/group", group), "group", group, "etc/group");
  } else if (entry && entry->size() > kGroup) {
    found.group_id = id_of((*entry)[kGroup]).value_or(0);
  }
  return found;
}

}  // namespace millrace::containers
