#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/io/byte_source.h"
#include "core/io/source_window.h"

namespace millrace::runner {

/// Reads the records of a TFRecord file: each is its length (8 bytes, little-endian), the masked
/// CRC-32C of those, the data, and the masked CRC-32C of the data. Both checksums are verified.
/// Source: TensorFlow, "TFRecord and tf.train.Example", section "TFRecords format details".
///
///     TfRecordReader reader(source, "x.tfrecord", limit);
///     while (const TfRecordReader::Found* record = reader.next()) use(record->data);
class TfRecordReader {
 public:
  /// Both valid until the following call.
  struct Found {
    std::string_view data;
    std::string_view framed;  ///< with length and checksums
  };

  /// `source` must outlive the reader; messages call it `origin`.
  TfRecordReader(ByteSource& source, std::string origin, std::size_t max_record_bytes);

  /// nullptr at the end. Throws Error(Customer) "<origin>, record N, byte B: ..." for a file that
  /// is damaged or cut off, and for a longer record.
  const Found* next();

  /// Records delivered so far.
  [[nodiscard]] std::int64_t records() const { return records_; }

 private:
  SourceWindow window_;
  const std::string origin_;
  const std::size_t max_record_bytes_;
  Found found_;
  std::int64_t records_ = 0;
  std::uint64_t offset_ = 0;
};

/// `data` as one record of a TFRecord file.
std::string tfrecord_framed(std::string_view data);

}  // namespace millrace::runner
