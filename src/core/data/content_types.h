#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// The formats that a content type can name.
enum class DataFormat {
  Csv,
  RecordIoProtobuf,
  Libsvm,
  RecordIo,  ///< image records
  JsonLines,
  JsonDocument,
  AugmentedManifest,  ///< has no content type; known by its extension
  Image,
};

/// One row of the table: everything that names a format.
struct FormatNames {
  DataFormat format{};
  std::string_view name;                      ///< "csv", as `millrace data --from` takes it
  std::string_view about;                     ///< for people
  std::vector<std::string_view> media_types;  ///< the first is the one we write
  std::vector<std::string_view> parameters;   ///< of the content type, beside charset
  std::vector<std::string_view> extensions;   ///< ".csv", lower case
};

/// The table of formats, one row each.
std::span<const FormatNames> all_formats();
const FormatNames& names_of(DataFormat format);
/// By its own name ("csv"); nullptr when there is none.
const FormatNames* find_format(std::string_view name);
/// By the extension of a file name; ".gz" at its end is passed over. nullptr when none is known.
const FormatNames* format_of_file(std::string_view file_name);

/// "text/csv; label_size=1" taken apart.
struct ContentType {
  DataFormat format{};
  std::string media_type;                   ///< lower case, without parameters
  std::optional<std::int64_t> label_size;   ///< leading label columns of text/csv
  std::optional<std::string> label_format;  ///< of application/x-recordio: multi-hot or class-id
  bool verbose = false;                     ///< application/json and protobuf as answers
  bool annotation = false;                  ///< application/json as an answer of object detection
};

/// Parses a content type as channels, requests and Accept headers give it. White space around `;`
/// and `=` is tolerated, names are compared without case, a value may stand in double quotes,
/// `charset=utf-8` is passed over for text.
///
/// Throws Error(Customer) "<place>: ..." for an unknown type (with the known ones), an unknown
/// parameter (by its name), one given twice, and a value that the parameter cannot have.
ContentType parse_content_type(std::string_view text, std::string_view place);

}  // namespace millrace
