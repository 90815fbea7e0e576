#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/byte_source.h"

namespace millrace {

/// One named array of an MXNet NDArray list (`*.params`, `model_algo-1`). A saved module names its
/// trainable arrays "arg:<name>" and its running statistics "aux:<name>".
struct NamedArray {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  ///< row-major
};

/// Writes layout version 2, dense, float32, CPU. Source: MXNet, src/ndarray/ndarray.cc.
void write_ndarray_list(ByteSink& sink, const std::vector<NamedArray>& arrays);

/// Reads layout versions 2 and 1 and the one before them. Throws Error(Customer) "<origin>, byte N:
/// ..." for damaged bytes and for what this build does not hold: sparse arrays and element types
/// other than float32.
std::vector<NamedArray> read_ndarray_list(std::string_view bytes, std::string_view origin);

}  // namespace millrace
