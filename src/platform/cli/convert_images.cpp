#include "platform/cli/convert_images.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/content_types.h"
#include "core/data/image_record.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/data/recordio_index.h"
#include "core/io/buffered_sink.h"
#include "core/io/file.h"
#include "platform/cli/data_file.h"
#include "platform/cli/partial_output.h"
#include "platform/cli/progress.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

/// float32 holds whole numbers up to here.
constexpr std::int64_t kMaxClass = 1 << 24;

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
  const std::optional<std::int64_t> label = parse_int(folder.filename().string());
  return label && *label >= 0 && *label <= kMaxClass ? label : std::nullopt;
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

std::int64_t class_of(const ImageRecord& record, const std::string& place) {
  const float label = record.labels[0];
  const bool fits = record.labels.size() == 1 && label >= 0 &&
                    label <= static_cast<float>(kMaxClass) && label == std::floor(label);
  if (fits) return static_cast<std::int64_t>(label);
  throw Error(Blame::Customer,
              Problem{.where = place,
                      .given = record.labels.size() == 1
                                   ? "label " + number_text(static_cast<double>(label))
                                   : std::to_string(record.labels.size()) + " labels",
                      .expected = "one class, since folders stand for classes",
                      .fix = "Keep records of several labels in RecordIO."});
}

const char* extension_of(std::string_view image, const std::string& place) {
  if (image.starts_with("\xff\xd8")) return ".jpg";
  if (image.starts_with("\x89PNG")) return ".png";
  throw Error(Blame::Customer, Problem{.where = place,
                                       .given = to_hex(image.substr(0, 8)),
                                       .expected = "a JPEG or PNG file",
                                       .fix = "Raw pixels cannot be unpacked into files."});
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
  fs::path index_path = target;
  index_path.replace_extension(".idx");
  PartialOutput output(target);
  PartialOutput index_output(index_path);
  {
    Progress progress(target.filename().string(), files.size());
    FdSink file(create_for_writing(output.path()));
    BufferedSink buffered(file);
    RecordIoWriter records(buffered);
    std::string index;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string bytes = read_file(files[i].path);
      (void)decode_image(bytes, files[i].path.string());
      append_index_line(index, {.key = i, .offset = buffered.offset()});
      records.write(format_image_record(
          {.labels = {static_cast<float>(files[i].label)}, .id = i, .id2 = 0, .image = bytes}));
      progress.advance(1);
    }
    buffered.finish();
    FdSink(create_for_writing(index_output.path())).write(index);
  }
  output.commit();
  index_output.commit();
  return static_cast<std::int64_t>(files.size());
}

std::int64_t unpack_images(const fs::path& file, const fs::path& target) {
  if (fs::exists(target)) {
    throw Error(Blame::Customer, Problem{.where = target.string(),
                                         .given = "a name that is taken",
                                         .expected = "a folder that does not exist yet",
                                         .fix = "Choose another, or remove it first."});
  }
  InputFile input(file);
  PartialOutput output(target);
  fs::create_directory(output.path());
  RecordIoReader records(input.source(), file.string());
  while (const std::string_view* payload = records.next()) {
    const std::int64_t number = records.records() - 1;
    const std::string place = record_origin(file.string(), number);
    const ImageRecord record = parse_image_record(*payload, place);
    char name[32];
    std::snprintf(name, sizeof name, "%08lld", static_cast<long long>(number));
    const fs::path folder = output.path() / std::to_string(class_of(record, place));
    const fs::path path = folder / (name + std::string(extension_of(record.image, place)));
    fs::create_directory(folder);
    FdSink(create_for_writing(path)).write(record.image);
  }
  output.commit();
  return records.records();
}

}  // namespace millrace::cli
