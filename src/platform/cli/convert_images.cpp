#include "platform/cli/convert_images.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/data/content_types.h"
#include "core/data/image_record.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "core/io/progress.h"
#include "core/lists/form.h"
#include "platform/cli/data_file.h"
#include "platform/cli/image_record_file.h"
#include "platform/cli/record_class.h"
#include "platform/cli/unpack_target.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

struct LabelledFile {
  fs::path path;
  std::int64_t label = 0;
};

bool is_image_name(const fs::path& path) {
  const FormatNames* format = format_of_file(path.filename().string());
  return format != nullptr && format->format == DataFormat::Image;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

void add_images(const fs::path& folder, std::int64_t label, std::vector<LabelledFile>& files) {
  for (const fs::path& entry : sorted_entries(folder)) {
    if (fs::is_regular_file(entry) && is_image_name(entry)) files.push_back({entry, label});
  }
}

std::optional<std::int64_t> class_of_name(const fs::path& folder) {
  return lists::parse_class_id(folder.filename().string());
}

std::vector<LabelledFile> list_images(const fs::path& folder) {
  std::vector<LabelledFile> files;
  add_images(folder, 0, files);
  std::vector<fs::path> folders;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (fs::is_directory(entry)) folders.push_back(entry);
  }
  const bool numbered = std::all_of(folders.begin(), folders.end(),
                                    [](const fs::path& name) { return class_of_name(name); });
  std::int64_t next = 0;
  for (const fs::path& sub : folders) {
    const std::size_t before = files.size();
    add_images(sub, numbered ? *class_of_name(sub) : next, files);
    next += files.size() > before;  // as im2rec counts: a folder without images is no class
  }
  return files;
}

}  // namespace

std::int64_t pack_images(const fs::path& folder, const fs::path& target) {
  const std::vector<LabelledFile> files = list_images(folder);
  if (files.empty()) {
    throw Error(Blame::Customer, Problem{.where = folder.string(),
                                         .given = "no .jpg, .jpeg or .png file",
                                         .expected = "images, or folders of images",
                                         .fix = "Give the folder that holds one folder a class."});
  }
  PartialOutput output(target);
  ImageRecordFile records(create_for_writing(output.path()));
  Progress progress(target.filename().string(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string image = read_file(files[i].path);
    (void)decode_image(image, files[i].path.string());
    records.add(i, {static_cast<float>(files[i].label)}, image);
    progress.advance(1);
  }
  records.finish(target);
  output.commit();
  return records.records();
}

std::int64_t unpack_images(const fs::path& file, const fs::path& target) {
  require_new_folder(target);
  InputFile input(file);
  PartialOutput output(target);
  fs::create_directory(output.path());
  RecordIoReader records(input.source(), file.string());
  while (const std::string_view* payload = records.next()) {
    const std::int64_t number = records.records() - 1;
    const std::string place = record_origin(file.string(), number);
    const ImageRecord record = parse_image_record(*payload, place);
    const fs::path folder = output.path() / std::to_string(class_of(record, place));
    fs::create_directory(folder);
    FdSink(create_for_writing(
               folder / file_name_of(static_cast<std::uint64_t>(number), record.image, place)))
        .write(record.image);
  }
  output.commit();
  return records.records();
}

}  // namespace millrace::cli
