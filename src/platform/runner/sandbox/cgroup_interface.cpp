#include "platform/runner/sandbox/cgroup_interface.h"

#include <algorithm>

#include "core/base/text.h"

namespace millrace::runner {
namespace {

bool contains(std::string_view list, std::string_view item) {
  const std::vector<std::string_view> items = split(list, ',');
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// mountinfo writes space, tab, newline and backslash as \ and three octal digits.
std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// "id:controllers:path": the path of the line for `controller`; version 2's line has no
/// controllers.
std::optional<std::string> path_in_hierarchy(std::string_view self_cgroup,
                                             std::string_view controller) {
  for (const std::string_view line : split(self_cgroup, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : contains(controllers, controller)) {
      return std::string(line.substr(second + 1));
    }
  }
  return std::nullopt;
}

struct Mount {
  std::string root;
  std::string point;
};

/// mountinfo: "id parent dev root point options [tags] - filesystem source super_options".
std::optional<Mount> mount_of(std::string_view mountinfo, std::string_view filesystem,
                              std::string_view controller) {
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const std::vector<std::string_view> head = split(line.substr(0, dash), ' ');
    const std::vector<std::string_view> tail = split(line.substr(dash + 3), ' ');
    if (head.size() < 5 || tail.size() < 3 || tail[0] != filesystem) continue;
    if (!controller.empty() && !contains(tail[2], controller)) continue;
    return Mount{.root = unescape(head[3]), .point = unescape(head[4])};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> own_group(const CgroupPosition& position, std::string_view filesystem,
                                     std::string_view controller) {
  const auto path = path_in_hierarchy(position.self_cgroup, controller);
  const auto mount = mount_of(position.mountinfo, filesystem, controller);
  if (!path || !mount) return std::nullopt;
  // A container may see only a part of the hierarchy: the mount's root then stands for the first
  // part of the path.
  std::string_view below = *path;
  if (mount->root != "/" && below.starts_with(mount->root)) below.remove_prefix(mount->root.size());
  if (below == "/" || below.starts_with("/..")) below = "";
  return mount->point + std::string(below);
}

}  // namespace millrace::runner
