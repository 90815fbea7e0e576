#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/line_reader.h"
#include "core/data/row.h"
#include "core/io/byte_source.h"
#include "core/json/json_fwd.h"

namespace millrace {

/// A document is held whole; longer requests are sent as lines.
inline constexpr std::size_t kMaxInstancesBytes = std::size_t{64} * 1024 * 1024;

/// One instance of an inference request, in any of the forms
///
///     {"features": [1.5, 16]}
///     {"features": {"values": [1.5, 16]}}                      and both below "data":
///     {"data": {"features": {"keys": [26, 182], "shape": [2000], "values": [1, 1]}}}
///
/// `row` gets no labels. Throws Error(Customer) "<place>: member '...': ..." for another form, an
/// unknown member, a number that is not finite as float32, keys that are no columns or come twice.
/// Format: docs/reference/formats/json-lines.md.
void parse_instance(const Json& instance, std::string_view place, Row& row);

/// Reads `application/jsonlines`: one instance a line; empty lines are passed over.
///
///     JsonLinesReader instances(body, "request");
///     for (Row row; instances.read(row);) model.score(row);
class JsonLinesReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  JsonLinesReader(ByteSource& source, std::string origin);

  /// Throws Error(Customer) naming origin and line. All instances must have the same width.
  bool read(Row& row);

 private:
  LineReader lines_;
  std::optional<std::int64_t> columns_;
};

/// Reads `application/json`: {"instances": [...]}. All instances must have the same width.
/// Throws Error(Customer) "<origin>, instance N: ...".
std::vector<Row> read_instances(std::string_view document, std::string_view origin);

/// Appends {"features":[...]} for a dense row and the form with keys and shape for a sparse one,
/// and a newline. Labels are not written: a request has none. Numbers are the shortest text that
/// reads back as the same float32. Throws Error(Customer) for a sparse row without a width.
void append_instance_line(std::string& out, const Row& row);

}  // namespace millrace
