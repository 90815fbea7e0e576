#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/recordio.h"
#include "core/io/buffered_sink.h"
#include "core/io/file.h"

namespace millrace::cli {

/// An image RecordIO file being written, and its .idx, whose keys are the records' ids.
class ImageRecordFile {
 public:
  /// What is in the file already when writing goes on.
  struct Begun {
    std::uint64_t bytes = 0;
    std::int64_t records = 0;
    std::string index;  ///< the text of the .idx so far
  };

  /// Writes to `fd` from where it stands.
  explicit ImageRecordFile(Fd fd) : ImageRecordFile(std::move(fd), Begun()) {}
  ImageRecordFile(Fd fd, Begun begun);

  void add(std::uint64_t id, const std::vector<float>& labels, std::string_view image);
  /// What was added so far is on disk after this.
  void sync();
  /// The records' bytes are with the kernel, and the .idx of `target` beside it under its name: the
  /// file itself may be renamed to `target` now.
  void finish(const std::filesystem::path& target);

  [[nodiscard]] std::uint64_t bytes() const { return begun_ + buffered_.offset(); }
  [[nodiscard]] std::int64_t records() const { return records_; }

 private:
  void write_behind();

  FdSink file_;
  BufferedSink buffered_;
  RecordIoWriter writer_;
  const std::uint64_t begun_;
  std::int64_t records_;
  std::string index_;
  std::uint64_t on_its_way_;  ///< bytes that the kernel was told to bring to the disk
};

}  // namespace millrace::cli
