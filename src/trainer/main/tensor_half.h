#pragma once

#include <string_view>

#include "trainer/job/algorithm.h"

namespace millrace {

/// Loads libmillrace-tensors.so, which lies beside the program or in ../lib/millrace, and finds the
/// algorithm in it.
///
/// libtorch takes half a second to load, most of it in libraries that training never calls. Loading
/// it only now lets the program say its first line, and refuse bad input, within a few
/// milliseconds. Sets what numeric libraries read when they load (core/contract/cpu_environment.h)
/// where the environment does not.
///
/// Throws Error(Platform) when the library is missing or does not load. It stays loaded.
const TensorAlgorithm& load_tensor_half(std::string_view algorithm);

/// The symbol the library is entered by: fills `count` and answers the table.
inline constexpr const char* kTensorEntry = "millrace_tensor_algorithms";
using TensorEntry = const TensorAlgorithm* const* (*)(std::size_t* count);

}  // namespace millrace
