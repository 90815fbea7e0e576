#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/recordio.h"
#include "core/io/buffered_sink.h"
#include "core/io/file.h"
#include "platform/cli/partial_output.h"
#include "platform/cli/progress.h"

namespace millrace::cli {

/// An image RecordIO file being written, and its .idx, whose keys are the records' ids.
class ImageRecordFile {
 public:
  /// `count` records are to come, for the progress bar.
  ImageRecordFile(std::filesystem::path target, std::uint64_t count);

  /// Packs a JPEG or PNG file, bytes unchanged. Throws Error(Customer) "<origin>: ..." when it is
  /// none or damaged.
  void add(std::uint64_t id, const std::vector<float>& labels, std::string_view image,
           std::string_view origin);
  /// Both files get their names. Returns the records.
  std::int64_t commit();

 private:
  const std::filesystem::path target_;
  std::optional<PartialOutput> output_;
  FdSink file_;
  BufferedSink buffered_;
  RecordIoWriter records_;
  Progress progress_;
  std::string index_;
  std::int64_t count_ = 0;
};

/// "00000012.jpg" or .png: what the image of a record is called when it is unpacked. Throws
/// Error(Customer) "<place>: ..." for bytes that are neither.
std::string file_name_of(std::int64_t record, std::string_view image, const std::string& place);

/// Throws Error(Customer) when the name is taken.
void require_new_folder(const std::filesystem::path& target);

}  // namespace millrace::cli
