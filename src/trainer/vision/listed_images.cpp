#include "trainer/vision/listed_images.h"

#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/lst.h"
#include "core/io/file.h"
#include "trainer/vision/enclosure.h"

namespace millrace {

namespace fs = std::filesystem;

fs::path find_list(const Channel& list) {
  std::vector<fs::path> lists;
  std::vector<std::string> names;
  for (const fs::path& path : list.files()) {
    if (path.extension() != ".lst") continue;
    lists.push_back(path);
    names.push_back(path.filename().string());
  }
  if (lists.size() == 1) return lists[0];
  refuse("channel '" + list.name + "'",
         lists.empty() ? "no .lst file" : std::to_string(lists.size()) + ": " + join(names, ", "),
         "one .lst file, with index, label and path of each image of the channel",
         lists.empty() ? "Name the list something.lst and point the channel's S3Uri at it."
                       : "Point the channel's S3Uri at the one that is meant.");
}

ListedImages::ListedImages(const Channel& images, const Channel& list, std::int64_t target_classes)
    : ListedImages(
          [&] {
            const fs::path path = find_list(list);
            if (!fs::is_directory(images.directory()))
              (void)images.files();  // says that there are none
            return Place{.directory = images.directory(),
                         .name = "channel '" + images.name + "'",
                         .list = path,
                         .list_name = list.name_of(path),
                         .paths_begin = "the channel's S3Uri"};
          }(),
          target_classes) {}

ListedImages::ListedImages(const Place& place, std::int64_t target_classes)
    : ImageFiles(place.directory),
      place_(place.name),
      list_(place.list.filename().string()),
      labels_(target_classes) {
  const std::string& origin = place.list_name;
  FdSource source(open_for_reading(place.list));
  LstReader reader(source, origin);
  Enclosure enclosure(directory());
  LstIndices indices;
  std::optional<Problem> first_missing;
  std::int64_t missing = 0;
  while (const LstEntry* entry = reader.next()) {
    const std::string line = origin + ", line " + std::to_string(entry->line);
    const std::string column = line + ", column " + std::to_string(path_column(*entry));
    const Enclosure::Found found = enclosure.look(entry->path);
    if (found.verdict == Enclosure::Verdict::Outside) {
      refuse(column, entry->path,
             "a path below " + place_ + ", without '..', leading '/' and links out of it",
             "Write paths relative to " + place.paths_begin + ".");
    }
    if (found.verdict == Enclosure::Verdict::Missing && missing++ == 0)
      first_missing = Problem{.where = column, .given = entry->path, .expected = {}, .fix = {}};
    indices.add(*entry);
    labels_.add(entry->labels, line);
    add_file(entry->path, found.bytes);
    lines_.push_back(entry->line);
  }
  if (lines_.empty()) refuse(origin, "no lines", "at least one image", "Make the list again.");
  if (first_missing) {
    first_missing->expected = "a file of " + place_ + " (" + std::to_string(missing) + " of the " +
                              std::to_string(count()) + " listed are missing)";
    first_missing->fix = "Upload it below " + place.paths_begin +
                         ", or take the line out; paths are relative to it.";
    throw Error(Blame::Customer, *first_missing);
  }
  indices.check_unique(origin);
}

std::string ListedImages::name(std::int64_t i) const {
  return place_ + ", " + path(i) + " (" + list_ + ", line " +
         std::to_string(lines_[static_cast<std::size_t>(i)]) + ")";
}

}  // namespace millrace
