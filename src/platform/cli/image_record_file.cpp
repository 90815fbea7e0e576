#include "platform/cli/image_record_file.h"

#include <cstdio>
#include <utility>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/recordio_index.h"

namespace millrace::cli {
namespace {

/// nullptr for bytes that are no image file.
const char* extension_of(std::string_view image) {
  if (image.starts_with("\xff\xd8")) return ".jpg";
  if (image.starts_with("\x89PNG")) return ".png";
  return nullptr;
}

}  // namespace

ImageRecordFile::ImageRecordFile(std::filesystem::path target, std::uint64_t count)
    : target_(std::move(target)),
      output_(target_),
      file_(create_for_writing(output_->path())),
      buffered_(file_),
      records_(buffered_),
      progress_(target_.filename().string(), count) {}

void ImageRecordFile::add(std::uint64_t id, const std::vector<float>& labels,
                          std::string_view image, std::string_view origin) {
  (void)decode_image(image, origin);
  append_index_line(index_, {.key = id, .offset = buffered_.offset()});
  records_.write(format_image_record({.labels = labels, .id = id, .id2 = 0, .image = image}));
  ++count_;
  progress_.advance(1);
}

std::int64_t ImageRecordFile::commit() {
  buffered_.finish();
  output_->commit();
  output_.reset();  // there is one at a time
  std::filesystem::path index_path = target_;
  index_path.replace_extension(".idx");
  PartialOutput index(index_path);
  FdSink(create_for_writing(index.path())).write(index_);
  index.commit();
  return count_;
}

std::string file_name_of(std::int64_t record, std::string_view image, const std::string& place) {
  const char* extension = extension_of(image);
  if (extension == nullptr) {
    throw Error(Blame::Customer, Problem{.where = place,
                                         .given = to_hex(image.substr(0, 8)),
                                         .expected = "a JPEG or PNG file",
                                         .fix = "Raw pixels cannot be unpacked into files."});
  }
  char number[32];
  std::snprintf(number, sizeof number, "%08lld", static_cast<long long>(record));
  return std::string(number) + extension;
}

void require_new_folder(const std::filesystem::path& target) {
  if (!std::filesystem::exists(target)) return;
  throw Error(Blame::Customer, Problem{.where = target.string(),
                                       .given = "a name that is taken",
                                       .expected = "a folder that does not exist yet",
                                       .fix = "Choose another, or remove it first."});
}

}  // namespace millrace::cli
