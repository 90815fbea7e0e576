#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/data/line_reader.h"
#include "core/io/byte_source.h"

namespace millrace {

/// One line of a `.idx` file beside a `.rec` file: which key the record at which byte has.
struct RecordIndexEntry {
  std::uint64_t key = 0;     ///< first column of the .lst file
  std::uint64_t offset = 0;  ///< of the record's first magic; a multiple of four
};

/// Reads the text index of a RecordIO file: `key TAB offset`, one line a record, in any order.
/// Source: MXNet, python/mxnet/recordio.py. Format: docs/reference/formats/recordio.md.
///
///     RecordIndexReader index(source, "train.idx");
///     while (const RecordIndexEntry* entry = index.next()) ...
class RecordIndexReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  RecordIndexReader(ByteSource& source, std::string origin);

  /// nullptr at the end. Throws Error(Customer) naming origin, line and byte of a line of another
  /// form and of an offset that is no multiple of four.
  const RecordIndexEntry* next();

 private:
  LineReader lines_;
  RecordIndexEntry entry_;
};

/// Appends "key TAB offset NEWLINE".
void append_index_line(std::string& out, const RecordIndexEntry& entry);

}  // namespace millrace
