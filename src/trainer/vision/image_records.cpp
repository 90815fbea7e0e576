#include "trainer/vision/image_records.h"

#include "core/base/error.h"
#include "core/data/image_record.h"

namespace millrace {

ImageRecords::ImageRecords(const std::vector<File>& files, std::int64_t target_classes)
    : labels_(target_classes) {
  std::string scratch;
  for (const File& file : files) {
    OpenFile open{.name = file.name,
                  .file_name = file.path.filename().string(),
                  .mapping = Mapping(file.path),
                  .first_entry = count()};
    const std::string_view bytes = open.mapping.bytes();
    for (const RecordSpan& span : index_records(bytes, file.name)) {
      const std::string origin =
          file.name + ", record " + std::to_string(count() - open.first_entry);
      const ImageRecord record = parse_image_record(record_payload(bytes, span, scratch), origin);
      labels_.add(record.labels, origin);
      entries_.push_back({.span = span, .file = static_cast<std::uint32_t>(files_.size())});
    }
    files_.push_back(std::move(open));
  }
  if (entries_.empty()) {
    throw Error(Blame::Customer, Problem{.where = files.empty() ? "images" : files[0].name,
                                         .given = "no records",
                                         .expected = "at least one image record",
                                         .fix = "The file is empty: pack or upload it again."});
  }
}

std::int64_t ImageRecords::bytes() const {
  std::int64_t total = 0;
  for (const OpenFile& file : files_)
    total += static_cast<std::int64_t>(file.mapping.bytes().size());
  return total;
}

std::string_view ImageRecords::image(std::int64_t i, std::string& scratch) const {
  const Entry& entry = at(i);
  const std::string_view payload =
      record_payload(files_[entry.file].mapping.bytes(), entry.span, scratch);
  return parse_image_record(payload, files_[entry.file].name).image;
}

std::string ImageRecords::name(std::int64_t i) const {
  const OpenFile& file = files_[at(i).file];
  return file.name + ", record " + std::to_string(i - file.first_entry);
}

std::string ImageRecords::reference(std::int64_t i) const {
  const OpenFile& file = files_[at(i).file];
  return file.file_name + "#" + std::to_string(i - file.first_entry);
}

std::vector<ImageRecords::File> record_files(const Channel& channel) {
  std::vector<ImageRecords::File> all, records;
  for (const std::filesystem::path& path : channel.files()) {
    all.push_back({.path = path, .name = channel.name_of(path)});
    if (path.extension() == ".rec") records.push_back(all.back());
  }
  return records.empty() ? all : records;
}

}  // namespace millrace
