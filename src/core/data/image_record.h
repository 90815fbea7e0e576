#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// The payload of one record of an image `.rec` file: MXNet's IRHeader (flag, label, id, id2),
/// further labels when flag > 0, then the encoded image. Source: MXNet, python/mxnet/recordio.py.
struct ImageRecord {
  std::vector<float> labels;  ///< one label, or `flag` of them
  std::uint64_t id = 0;       ///< first column of the .lst file
  std::uint64_t id2 = 0;
  std::string_view image;  ///< JPEG or PNG bytes; points into the payload
};

/// How many labels a record may carry; a damaged flag would otherwise ask for sixteen gigabytes.
inline constexpr std::uint32_t kMaxRecordLabels = 1u << 20;

/// Throws Error(Customer) "<origin>: ..." for a payload too short for its header and labels.
ImageRecord parse_image_record(std::string_view payload, std::string_view origin);

/// One label is written into the header (flag 0), as im2rec writes a scalar; several follow it.
std::string format_image_record(const ImageRecord& record);

}  // namespace millrace
