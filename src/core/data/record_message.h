#pragma once

#include <cstdint>
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

/// The elements of a repeated field, as their encodings one behind the other: what a packed field
/// holds. Nearly always a view into the message; put together where the elements came in pieces.
class RawElements {
 public:
  void add(std::string_view piece);
  [[nodiscard]] std::string_view bytes() const { return owned_.empty() ? view_ : owned_; }

 private:
  std::string_view view_;
  std::string owned_;
};

struct Tensor {
  TensorType type = TensorType::None;
  RawElements values;  ///< float32 and float64: 4 and 8 bytes each; int32: varints
  RawElements keys;    ///< varints; sparse data: values[i] is at flat position keys[i]
  RawElements shape;   ///< varints
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

/// What numbers_of() had to do to the values.
struct NumbersOf {
  std::int64_t count = 0;
  std::int64_t narrowed = 0;  ///< float64 or int32 values that float32 holds only rounded
};

/// Appends the values of a float32, float64 or int32 tensor to `out`. nullopt when the elements do
/// not divide the bytes, or for another type. Float32 is copied as it is.
std::optional<NumbersOf> append_numbers(const Tensor& tensor, std::vector<float>& out);

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
