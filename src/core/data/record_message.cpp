#include "core/data/record_message.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/data/little_endian.h"
#include "core/data/protobuf_wire.h"

namespace millrace {
namespace {

// Field numbers of the schema `aialgs.data`.
namespace field {
enum Record : std::uint32_t { Features = 1, Label = 2, Uid = 3, Metadata = 4, Configuration = 5 };
enum Entry : std::uint32_t { Key = 1, Value = 2 };
enum Value : std::uint32_t { Float32 = 2, Float64 = 3, Int32 = 7, BytesTensor = 9 };
enum Tensor : std::uint32_t { Values = 1, Keys = 2, Shape = 3 };
enum Bytes : std::uint32_t { Content = 1, ContentType = 2 };
}  // namespace field

/// Walks nested messages and remembers the innermost place that is wrong.
class Parser {
 public:
  explicit Parser(std::string_view payload) : payload_(payload) {}

  /// Calls `use(field)` for each field; false as soon as something is wrong.
  template <class Use>
  bool each_field(std::string_view message, Use use) {
    WireCursor cursor(message);
    while (const std::optional<WireField> found = cursor.next()) {
      if (!use(*found)) return false;
    }
    if (cursor.problem().empty()) return true;
    return fail(cursor.position(), std::string(cursor.problem()));
  }

  bool fail(const char* position, std::string given) {
    problem_ = {.byte = static_cast<std::uint64_t>(position - payload_.data()),
                .given = std::move(given)};
    return false;
  }

  std::optional<MessageProblem> parse(RecordMessage& message) {
    const bool fine = each_field(payload_, [&](const WireField& found) {
      if (found.type != WireType::Bytes) return true;
      switch (found.number) {
        case field::Features:
          return parse_entry(found.bytes, message.features);
        case field::Label:
          return parse_entry(found.bytes, message.label);
        case field::Uid:
          message.uid = found.bytes;
          return true;
        case field::Metadata:
          message.metadata = found.bytes;
          return true;
        case field::Configuration:
          message.configuration = found.bytes;
          return true;
        default:
          return true;
      }
    });
    if (fine) return std::nullopt;
    return problem_;
  }

 private:
  bool parse_entry(std::string_view entry, std::vector<NamedTensor>& tensors) {
    NamedTensor parsed;
    const bool fine = each_field(entry, [&](const WireField& found) {
      if (found.type != WireType::Bytes) return true;
      if (found.number == field::Key) parsed.name = found.bytes;
      return found.number != field::Value || parse_value(found.bytes, parsed.tensor);
    });
    if (!fine) return false;
    for (NamedTensor& tensor : tensors) {
      if (tensor.name != parsed.name) continue;
      tensor = std::move(parsed);
      return true;
    }
    if (tensors.size() == kMaxTensorsPerRecord) {
      return fail(entry.data(), "more than " + std::to_string(kMaxTensorsPerRecord) + " tensors");
    }
    tensors.push_back(std::move(parsed));
    return true;
  }

  bool parse_value(std::string_view value, Tensor& tensor) {
    return each_field(value, [&](const WireField& found) {
      if (found.type != WireType::Bytes) return true;
      switch (found.number) {
        case field::Float32:
          return parse_tensor(found.bytes, TensorType::Float32, WireType::Fixed32, tensor);
        case field::Float64:
          return parse_tensor(found.bytes, TensorType::Float64, WireType::Fixed64, tensor);
        case field::Int32:
          return parse_tensor(found.bytes, TensorType::Int32, WireType::Varint, tensor);
        case field::BytesTensor:
          return parse_bytes(found.bytes, tensor);
        default:
          return true;
      }
    });
  }

  /// A second tensor of the same type is merged into the first, one of another type replaces it.
  static void become(Tensor& tensor, TensorType type) {
    if (tensor.type == type) return;
    tensor = {};
    tensor.type = type;
  }

  bool parse_tensor(std::string_view bytes, TensorType type, WireType element, Tensor& tensor) {
    become(tensor, type);
    return each_field(bytes, [&](const WireField& found) {
      const bool packed = found.type == WireType::Bytes;
      if (found.number == field::Values) {
        if (packed || found.type == element) return add(tensor.values, found, element);
      } else if (found.number == field::Keys || found.number == field::Shape) {
        RawElements& elements = found.number == field::Keys ? tensor.keys : tensor.shape;
        if (packed || found.type == WireType::Varint) return add(elements, found, WireType::Varint);
      }
      return true;
    });
  }

  /// Pieces are joined byte by byte, so each must end with an element.
  bool add(RawElements& elements, const WireField& found, WireType element) {
    const std::string_view piece = found.bytes;
    if (element == WireType::Varint) {
      if (!piece.empty() && (static_cast<unsigned char>(piece.back()) & 0x80) != 0)
        return fail(piece.data(), "a packed number that does not end");
    } else if (const std::size_t size = element == WireType::Fixed32 ? 4 : 8;
               piece.size() % size != 0) {
      return fail(piece.data(), std::to_string(piece.size()) + " bytes of packed values of " +
                                    std::to_string(size) + " bytes");
    }
    elements.add(piece);
    return true;
  }

  bool parse_bytes(std::string_view bytes, Tensor& tensor) {
    become(tensor, TensorType::Bytes);
    return each_field(bytes, [&](const WireField& found) {
      if (found.type != WireType::Bytes) return true;
      if (found.number == field::Content) tensor.strings.push_back(found.bytes);
      if (found.number == field::ContentType) tensor.content_type = found.bytes;
      return true;
    });
  }

  std::string_view payload_;
  MessageProblem problem_;
};

NumbersOf append_float64(std::string_view bytes, std::vector<float>& out) {
  NumbersOf result{.count = static_cast<std::int64_t>(bytes.size() / sizeof(double))};
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(double)) {
    const auto value = load_little<double>(bytes.substr(at, sizeof(double)));
    // Beyond the range of float the conversion is undefined; infinity is what IEEE 754 rounds to.
    constexpr double kMax = std::numeric_limits<float>::max();
    const float narrow = value > kMax    ? std::numeric_limits<float>::infinity()
                         : value < -kMax ? -std::numeric_limits<float>::infinity()
                                         : static_cast<float>(value);
    result.narrowed += static_cast<double>(narrow) != value && value == value;
    out.push_back(narrow);
  }
  return result;
}

std::optional<NumbersOf> append_int32(std::string_view bytes, std::vector<float>& out) {
  NumbersOf result;
  for (; !bytes.empty(); ++result.count) {
    const std::optional<std::uint64_t> varint = take_varint(bytes);
    if (!varint) return std::nullopt;
    // Negative numbers come sign-extended to 64 bits; the low half is the value.
    const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(*varint));
    const auto narrow = static_cast<float>(value);
    result.narrowed += static_cast<double>(narrow) != static_cast<double>(value);
    out.push_back(narrow);
  }
  return result;
}

void append_packed(std::string& out, std::uint32_t number, std::span<const std::int64_t> integers) {
  if (integers.empty()) return;
  std::string packed;
  for (const std::int64_t integer : integers)
    append_varint(packed, static_cast<std::uint64_t>(integer));
  append_bytes_field(out, number, packed);
}

void append_entries(std::string& out, std::uint32_t number,
                    std::span<const Float32Tensor> tensors) {
  for (const Float32Tensor& tensor : tensors) {
    std::string content;
    if (!tensor.values.empty()) {
      append_bytes_field(
          content, field::Values,
          {reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size_bytes()});
    }
    append_packed(content, field::Keys, tensor.keys);
    append_packed(content, field::Shape, tensor.shape);
    std::string value, entry;
    append_bytes_field(value, field::Float32, content);
    append_bytes_field(entry, field::Key, tensor.name);
    append_bytes_field(entry, field::Value, value);
    append_bytes_field(out, number, entry);
  }
}

}  // namespace

std::string_view tensor_type_name(TensorType type) {
  switch (type) {
    case TensorType::Float32:
      return "float32_tensor";
    case TensorType::Float64:
      return "float64_tensor";
    case TensorType::Int32:
      return "int32_tensor";
    case TensorType::Bytes:
      return "bytes";
    case TensorType::None:
      break;
  }
  return "no tensor";
}

void RawElements::add(std::string_view piece) {
  if (owned_.empty() && view_.empty()) {
    view_ = piece;
    return;
  }
  if (owned_.empty()) owned_ = view_;
  owned_ += piece;
}

void RecordMessage::clear() {
  features.clear();
  label.clear();
  uid = metadata = configuration = std::nullopt;
}

std::optional<MessageProblem> parse_record_message(std::string_view payload,
                                                   RecordMessage& message) {
  message.clear();
  return Parser(payload).parse(message);
}

const Tensor* find_tensor(const std::vector<NamedTensor>& tensors, std::string_view name) {
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return &tensor.tensor;
  }
  return nullptr;
}

std::optional<NumbersOf> append_numbers(const Tensor& tensor, std::vector<float>& out) {
  const std::string_view bytes = tensor.values.bytes();
  switch (tensor.type) {
    case TensorType::Float32: {
      const std::size_t count = bytes.size() / sizeof(float), at = out.size();
      out.resize(at + count);
      if (count > 0) std::memcpy(out.data() + at, bytes.data(), count * sizeof(float));
      return NumbersOf{.count = static_cast<std::int64_t>(count)};
    }
    case TensorType::Float64:
      return append_float64(bytes, out);
    case TensorType::Int32:
      return append_int32(bytes, out);
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> append_integers(std::string_view varints,
                                            std::vector<std::int64_t>& out) {
  std::int64_t count = 0;
  for (; !varints.empty(); ++count) {
    const std::optional<std::uint64_t> value = take_varint(varints);
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    out.push_back(static_cast<std::int64_t>(*value));
  }
  return count;
}

void append_record_message(std::string& out, std::span<const Float32Tensor> features,
                           std::span<const Float32Tensor> label) {
  append_entries(out, field::Features, features);
  append_entries(out, field::Label, label);
}

}  // namespace millrace
