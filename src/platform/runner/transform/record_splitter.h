#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/io/byte_source.h"

namespace millrace::runner {

/// No record and no unsplit object may be longer: what a request of batch transform can carry.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{100} << 20;

/// One record of an object; valid until the splitter's next call.
struct InputRecord {
  std::string_view bare;    ///< as a request of its own carries it: without frame and padding
  std::string_view framed;  ///< as a request carries it among others
};

/// Cuts an input object into the records that a model is asked about.
class RecordSplitter {
 public:
  virtual ~RecordSplitter() = default;

  /// nullptr at the end. Throws Error(Customer) naming object and record for what cannot be cut.
  virtual const InputRecord* next() = 0;
  /// The number by which messages call the record delivered last, and what kind of thing it is:
  /// "line" (from 1), "record" (from 0), or empty for an object that is one record.
  [[nodiscard]] virtual std::int64_t number() const = 0;
  [[nodiscard]] virtual const char* noun() const = 0;
  /// What stands between records in one request.
  [[nodiscard]] virtual std::string_view separator() const { return {}; }
};

/// `split_type` is one of wire::sagemaker::SplitType:
///
///   * None: the object is one record; an empty one has none.
///   * Line: each line without its end, "\n" or "\r\n"; blank lines are passed over.
///   * RecordIO: payloads, or records of one chunk or several with their frames.
///   * TFRecord: the data, or with length and checksums.
///
/// `source` must outlive the splitter; messages call it `origin`. Holds one record at a time, each
/// of at most `max_record_bytes`.
std::unique_ptr<RecordSplitter> split_records(std::string_view split_type, ByteSource& source,
                                              const std::string& origin,
                                              std::size_t max_record_bytes = kMaxRecordBytes);

}  // namespace millrace::runner
