#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/record_place.h"

namespace millrace {

/// A `Value` of the message `aialgs.data.Record`: one tensor of one of four element types.
enum class TensorType { None, Float32, Float64, Int32, Bytes };

/// "float32_tensor" and so on; "no tensor" for None.
std::string_view tensor_type_name(TensorType type);

/// Views into the message, or into what RecordMessage put together. The elements of a repeated
/// field stand one behind the other as they are encoded, which is what a packed field holds.
struct Tensor {
  TensorType type = TensorType::None;
  std::string_view values;  ///< float32 and float64: 4 and 8 bytes each; int32: varints
  std::string_view keys;    ///< varints; sparse data: values[i] is at flat position keys[i]
  std::string_view shape;   ///< varints
  std::vector<std::string_view> strings;  ///< the values of a bytes tensor
  std::string_view content_type;          ///< of a bytes tensor
};

struct NamedTensor {
  std::string_view name;
  Tensor tensor;
};

/// One record of `application/x-recordio-protobuf`. Views point into the parsed payload.
/// Format and schema: docs/reference/formats/recordio-protobuf.md.
struct RecordMessage {
  std::vector<NamedTensor> features;  ///< in the order of the message, no name twice
  std::vector<NamedTensor> label;
  std::optional<std::string_view> uid;
  std::optional<std::string_view> metadata;
  std::optional<std::string_view> configuration;  ///< a JSON document
  /// Elements that came in several pieces, as an unpacked field's do.
  std::deque<std::string> joined;

  void clear();
};

/// Features or labels of one record that may have different names.
inline constexpr std::size_t kMaxTensorsPerRecord = 1024;

/// Why a payload is no message, and where in it.
struct MessageProblem {
  std::uint64_t byte = 0;
  std::string given;
};

/// Parses as libprotobuf does: entries in any order, the last of a name wins, packed and unpacked
/// elements, unknown fields passed over. Returns what is wrong, or nullopt; `message` is reused.
std::optional<MessageProblem> parse_record_message(std::string_view payload,
                                                   RecordMessage& message);

/// The tensor called `name`, or nullptr.
const Tensor* find_tensor(const std::vector<NamedTensor>& tensors, std::string_view name);

/// How many values a tensor has; 0 for bytes.
std::int64_t value_count(const Tensor& tensor);

/// Writes the values of a float32, float64 or int32 tensor to out[value_count(tensor)]; float32 is
/// copied as it is. Returns how many float64 and int32 values float32 holds only rounded; nullopt
/// for an int32 that is malformed, and for bytes.
std::optional<std::int64_t> copy_values(const Tensor& tensor, float* out);

/// Appends them to `out`, for those who have no place ready; the same result.
std::optional<std::int64_t> append_numbers(const Tensor& tensor, std::vector<float>& out);

/// Appends varints (keys, shape) to `out`; nullopt for one that is malformed or above 2^63 - 1.
std::optional<std::int64_t> append_integers(std::string_view varints,
                                            std::vector<std::int64_t>& out);

/// A tensor to write. Empty `keys` and `shape` are left out, as for dense data.
struct Float32Tensor {
  std::string_view name = "values";
  std::span<const float> values;
  std::span<const std::int64_t> keys;
  std::span<const std::int64_t> shape;
};

/// Appends one message with the fields in the order in which the SageMaker Python SDK writes them.
void append_record_message(std::string& out, std::span<const Float32Tensor> features,
                           std::span<const Float32Tensor> label);

}  // namespace millrace
