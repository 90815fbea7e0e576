#include "platform/cli/image_record_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "codec/image_header.h"
#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/recordio_index.h"

namespace millrace::cli {
namespace {

constexpr std::uint64_t kWriteBehind = std::uint64_t{8} << 20;

}  // namespace

ImageRecordFile::ImageRecordFile(Fd fd, Begun begun)
    : file_(std::move(fd)),
      buffered_(file_),
      writer_(buffered_),
      begun_(begun.bytes),
      records_(begun.records),
      index_(std::move(begun.index)),
      on_its_way_(begun.bytes) {}

void ImageRecordFile::add(std::uint64_t id, const std::vector<float>& labels,
                          std::string_view image) {
  append_index_line(index_, {.key = id, .offset = bytes()});
  writer_.write(format_image_record({.labels = labels, .id = id, .id2 = 0, .image = image}));
  ++records_;
  if (bytes() - on_its_way_ >= kWriteBehind) write_behind();
}

/// Nobody waits here, and less is left to wait for in sync().
void ImageRecordFile::write_behind() {
  buffered_.finish();
  const auto from = static_cast<off64_t>(on_its_way_);
  (void)::sync_file_range(file_.fd().get(), from, static_cast<off64_t>(bytes()) - from,
                          SYNC_FILE_RANGE_WRITE);
  on_its_way_ = bytes();
}

void ImageRecordFile::sync() {
  buffered_.finish();
  if (::fdatasync(file_.fd().get()) != 0) throw_errno("syncing the records");
}

void ImageRecordFile::finish(const std::filesystem::path& target) {
  buffered_.finish();
  std::filesystem::path index_path = std::filesystem::absolute(target);
  write_file_durably(index_path.replace_extension(".idx"), index_);
}

std::string file_name_of(std::uint64_t number, std::string_view image, const std::string& place) {
  const std::optional<ImageFormat> format = image_format_of(image);
  if (!format) {
    refuse(place, to_hex(image.substr(0, 8)), "a JPEG or PNG file",
           "Raw pixels cannot be unpacked into files.");
  }
  char name[32];
  std::snprintf(name, sizeof name, "%08llu", static_cast<unsigned long long>(number));
  return std::string(name) + (*format == ImageFormat::Jpeg ? ".jpg" : ".png");
}

void require_new_folder(const std::filesystem::path& target) {
  if (!std::filesystem::exists(target)) return;
  refuse(target.string(), "a name that is taken", "a folder that does not exist yet",
         "Choose another, or remove it first.");
}

}  // namespace millrace::cli
