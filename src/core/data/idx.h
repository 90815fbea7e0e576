#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/byte_source.h"

namespace millrace {

/// One array of the IDX format of the MNIST family: unsigned bytes with one to four dimensions,
/// big-endian header. Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits",
/// file formats.
struct IdxArray {
  std::vector<std::int64_t> shape;
  std::string values;  ///< row-major, one byte each
};

/// Throws Error(Customer) "<origin>: ..." for another magic, another element type, missing or
/// surplus bytes, or more than `max_bytes` of values.
IdxArray read_idx(ByteSource& source, std::string_view origin,
                  std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace millrace
