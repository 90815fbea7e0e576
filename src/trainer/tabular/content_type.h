#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace millrace {

/// "text/csv; label_size=1" taken apart. White space around ';' and '=' does not count, names and
/// the type are in lower case.
struct MediaType {
  std::string type;
  std::map<std::string, std::string> parameters;
};
MediaType parse_media_type(std::string_view text);

inline constexpr std::string_view kCsv = "text/csv";
inline constexpr std::string_view kProtobuf = "application/x-recordio-protobuf";
inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kJsonLines = "application/jsonlines";

/// How rows are written.
enum class TabularFormat { Csv, Protobuf, Json, JsonLines };

/// What a content type says of rows. Source: Amazon SageMaker Developer Guide, "Common Data Formats
/// for Training" and "... for Inference".
struct TabularContent {
  TabularFormat format = TabularFormat::Protobuf;
  std::int64_t label_size = 0;  ///< leading columns of CSV that are labels
};

/// Of a training channel: CSV or recordio-protobuf. Without a content type it is
/// recordio-protobuf, which is what the SageMaker Python SDK uploads without naming it. `label_size`
/// is the algorithm's own, where the content type has none. Throws Error(Customer) naming `where`
/// for another type, another parameter and a label_size that is not `label_size` or, where
/// `label_size` is not 0, is 0.
TabularContent training_content(std::string_view content_type, std::int64_t label_size,
                                const std::string& where);

/// Of a request to a model: also JSON and JSON lines; CSV has no labels unless it says so. Throws
/// Error(Customer) naming `where`.
TabularContent request_content(std::string_view content_type, const std::string& where);

}  // namespace millrace
