#include "platform/runner/host_trees.h"

#include <fcntl.h>

#include <cstddef>
#include <map>

#include "core/base/text.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using Note = std::function<void(std::string_view)>;

constexpr std::size_t kShownBytes = 200;

/// Whose entry of a name is kept.
struct Kept {
  std::size_t tree = 0;
  bool directory = false;
};
using KeptByName = std::map<std::string, Kept>;

void forget_below(KeptByName& kept, const std::string& directory) {
  const std::string prefix = directory + "/";
  auto at = kept.lower_bound(prefix);
  while (at != kept.end() && at->first.starts_with(prefix)) at = kept.erase(at);
}

KeptByName choose(const std::vector<HostTree>& trees, const std::vector<Fd>& directories,
                  const Note& note) {
  KeptByName kept;
  for (std::size_t tree = 0; tree < trees.size(); ++tree) {
    if (!directories[tree]) continue;
    walk_tree(directories[tree], [&](const TreeEntry& entry) {
      const Kept mine{.tree = tree, .directory = S_ISDIR(entry.status.st_mode)};
      const auto [place, is_new] = kept.emplace(entry.path, mine);
      Kept& other = place->second;
      if (is_new || (other.directory && mine.directory)) return;
      note("'" + printable(entry.path, kShownBytes) + "' was written by " + trees[other.tree].host +
           " and " + trees[tree].host + ": that of " + trees[tree].host +
           " is kept. Let each host use names of its own.");
      if (other.directory) forget_below(kept, entry.path);
      other = mine;
    });
  }
  return kept;
}

}  // namespace

void walk_together(const std::vector<HostTree>& trees, const fs::path& relative, const Note& note,
                   const std::function<void(const fs::path& top, const TreeEntry&)>& visit) {
  std::vector<Fd> directories;
  for (const HostTree& tree : trees) {
    directories.push_back(open_beneath(tree.root, relative, O_RDONLY | O_DIRECTORY));
    if (!directories.back())
      note("the directory '" + relative.string() + "' is not there any more");
  }
  KeptByName kept;
  if (trees.size() > 1) kept = choose(trees, directories, note);
  for (std::size_t tree = 0; tree < trees.size(); ++tree) {
    if (!directories[tree]) continue;
    walk_tree(directories[tree], [&](const TreeEntry& entry) {
      if (trees.size() > 1) {
        const auto found = kept.find(entry.path);
        if (found == kept.end() || found->second.tree != tree) return;
      }
      visit(trees[tree].root / relative, entry);
    });
  }
}

}  // namespace millrace::runner
