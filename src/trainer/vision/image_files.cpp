#include "trainer/vision/image_files.h"

#include "core/io/file.h"

namespace millrace {

std::string_view ImageFiles::image(std::int64_t i, std::string& scratch) const {
  scratch = read_file(directory_ / path(i));
  return scratch;
}

void ImageFiles::add_file(std::string path, std::int64_t bytes) {
  paths_.push_back(std::move(path));
  bytes_ += bytes;
}

}  // namespace millrace
