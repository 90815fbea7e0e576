#include "platform/cli/convert_listed_images.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "core/base/error.h"
#include "core/data/image_record.h"
#include "core/data/lst.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "platform/cli/data_file.h"
#include "platform/cli/image_record_file.h"
#include "platform/cli/partial_output.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

void check_path(const LstEntry& entry, const std::string& line, const fs::path& folder) {
  const fs::path path(entry.path);
  const std::string where = line + ", column " + std::to_string(path_column(entry));
  if (path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end()) {
    throw Error(Blame::Customer, Problem{.where = where,
                                         .given = entry.path,
                                         .expected = "a path below " + folder.string() +
                                                     ", without '..' and "
                                                     "leading '/'",
                                         .fix = "Write paths relative to the folder."});
  }
  std::error_code failed;
  if (!fs::is_regular_file(folder / path, failed)) {
    throw Error(Blame::Customer,
                Problem{.where = where,
                        .given = entry.path,
                        .expected = "a file in " + folder.string(),
                        .fix = "Paths are relative to the folder; take lines of missing images "
                               "out."});
  }
}

std::string line_of(const LstEntry& entry, const std::string& origin) {
  return origin + ", line " + std::to_string(entry.line);
}

/// Returns the lines.
std::uint64_t check_list(const fs::path& list, const fs::path& folder) {
  FdSource source(open_for_reading(list));
  LstReader reader(source, list.string());
  LstIndices indices;
  std::uint64_t lines = 0;
  while (const LstEntry* entry = reader.next()) {
    check_path(*entry, line_of(*entry, list.string()), folder);
    indices.add(*entry);
    ++lines;
  }
  indices.check_unique(list.string());
  if (lines == 0) {
    throw Error(Blame::Customer, Problem{.where = list.string(),
                                         .given = "no lines",
                                         .expected = "at least one image",
                                         .fix = "Make the list again."});
  }
  return lines;
}

}  // namespace

std::int64_t pack_listed_images(const fs::path& list, const fs::path& folder,
                                const fs::path& target) {
  ImageRecordFile records(target, check_list(list, folder));
  FdSource source(open_for_reading(list));
  LstReader reader(source, list.string());
  while (const LstEntry* entry = reader.next()) {
    const std::string line = line_of(*entry, list.string());
    check_path(*entry, line, folder);  // again: an hour may have gone by
    const fs::path image = folder / entry->path;
    records.add(entry->index, entry->labels, read_file(image), line + ", " + image.string());
  }
  return records.commit();
}

Unpacked unpack_listed_images(const fs::path& file, const fs::path& target, const fs::path& list) {
  require_new_folder(target);
  InputFile input(file);
  RecordIoReader records(input.source(), file.string());
  StringSink text;
  LstWriter lines(text);
  Unpacked unpacked;
  std::unordered_set<std::uint64_t> ids;
  {
    PartialOutput output(target);
    fs::create_directory(output.path());
    while (const std::string_view* payload = records.next()) {
      const std::int64_t number = records.records() - 1;
      const std::string place = record_origin(file.string(), number);
      const ImageRecord record = parse_image_record(*payload, place);
      const std::string name = file_name_of(number, record.image, place);
      try {
        lines.write({.index = record.id, .labels = record.labels, .path = name, .text = {}});
      } catch (const Error& error) {
        throw Error(error.blame(), place + ": " + error.what());
      }
      FdSink(create_for_writing(output.path() / name)).write(record.image);
      unpacked.ids_repeat |= !ids.insert(record.id).second;
      unpacked.second_ids |= record.id2 != 0;
    }
    output.commit();
  }
  PartialOutput output(list);
  FdSink(create_for_writing(output.path())).write(text.text());
  output.commit();
  unpacked.records = records.records();
  return unpacked;
}

}  // namespace millrace::cli
