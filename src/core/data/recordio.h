#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/byte_source.h"
#include "core/io/source_window.h"

namespace millrace {

/// MXNet RecordIO (`application/x-recordio`): a file is a run of chunks of magic, flag and length,
/// payload, padding to four bytes. A record whose payload holds the magic at a multiple of four is
/// split there into several chunks and the magic itself left out, so that a reader dropped into the
/// middle of a file can find the next record. Source: dmlc-core, recordio.h.
inline constexpr std::uint32_t kRecordMagic = 0xced7230a;
/// The length field has 29 bits.
inline constexpr std::size_t kMaxChunkBytes = (std::size_t{1} << 29) - 1;

/// Reads records from a stream of any size; holds one record at a time.
///
///     RecordIoReader reader(source, "train.rec");
///     while (const std::string_view* record = reader.next()) use(*record);
///
/// The length of a chunk is believed and its payload not searched, so that files of writers which
/// never split (the SageMaker Python SDK) read as well. Padding may hold anything.
/// Format: docs/reference/formats/recordio.md.
///
/// All failures are Error(Customer) that name the origin, the record (from 0) and the byte.
class RecordIoReader {
 public:
  /// `source` must outlive the reader; `max_record_bytes` bounds a record put together from chunks.
  RecordIoReader(ByteSource& source, std::string origin,
                 std::size_t max_record_bytes = kMaxChunkBytes);

  /// The next payload, valid until the following call; nullptr at the end of the stream. A payload
  /// that was not split is not copied either.
  const std::string_view* next();

  /// Records delivered so far.
  [[nodiscard]] std::int64_t records() const { return records_; }
  /// Where in the stream the record delivered last begins: its first chunk's magic.
  [[nodiscard]] std::uint64_t record_offset() const { return record_offset_; }
  /// Where in that record the magic was put back between two chunks; ascending.
  [[nodiscard]] const std::vector<std::size_t>& joins() const { return joins_; }
  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  SourceWindow window_;
  std::string origin_;
  std::size_t max_record_bytes_;
  std::string joined_;       ///< a record that came in several chunks
  std::string_view record_;  ///< into joined_ or the window
  std::vector<std::size_t> joins_;
  std::int64_t records_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t record_offset_ = 0;
};

/// Where one record lies in a file that is in memory or mapped.
struct RecordSpan {
  std::uint64_t offset = 0;  ///< of the first chunk's magic
  std::uint64_t size = 0;    ///< up to the next record, headers and padding included
};

/// Finds every record by hopping from header to header: payloads are not touched, so a mapped file
/// is not read. Refuses what RecordIoReader refuses.
std::vector<RecordSpan> index_records(std::string_view file, std::string_view origin);

/// The payload of an indexed record: a view into `file` where the record is one chunk, else put
/// together in `scratch`.
std::string_view record_payload(std::string_view file, const RecordSpan& span,
                                std::string& scratch);

/// Writes records in canonical form. Throws Error(Customer) for a record of 2^29 bytes or more.
class RecordIoWriter {
 public:
  explicit RecordIoWriter(ByteSink& sink) : sink_(sink) {}
  void write(std::string_view record);

 private:
  ByteSink& sink_;
};

}  // namespace millrace
