#include "core/data/ndarray_list.h"

#include <algorithm>
#include <cstring>

#include "core/base/error.h"
#include "core/data/little_endian.h"

namespace millrace {
namespace {

constexpr std::uint64_t kListMagic = 0x112;
constexpr std::uint32_t kVersion2 = 0xF993FAC9;
constexpr std::uint32_t kVersion1 = 0xF993FAC8;
constexpr std::uint32_t kMaxDimensions = 32;
constexpr std::int32_t kDense = 0;
constexpr std::int32_t kCpu = 1;
constexpr std::int32_t kFloat32 = 0;

/// Takes values off the front of the file and knows where it is.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::string_view origin) : bytes_(bytes), origin_(origin) {}

  template <class T>
  T take() {
    return load_little<T>(take_bytes(sizeof(T)));
  }

  std::string_view take_bytes(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      refuse(std::to_string(bytes_.size() - at_) + " bytes up to the end",
             std::to_string(count) + " bytes");
    }
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

  [[noreturn]] void refuse(std::string given, std::string expected) const {
    throw Error(Blame::Customer,
                Problem{.where = std::string(origin_) + ", byte " + std::to_string(at_),
                        .given = std::move(given),
                        .expected = std::move(expected),
                        .fix = "The file must be an MXNet NDArray list of dense float32 arrays."});
  }

  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  std::string_view origin_;
  std::uint64_t at_ = 0;
};

NamedArray take_array(Cursor& cursor) {
  NamedArray array;
  std::uint32_t dimensions = cursor.take<std::uint32_t>();
  const bool oldest = dimensions != kVersion2 && dimensions != kVersion1;
  if (dimensions == kVersion2) {
    const auto storage = cursor.take<std::int32_t>();
    if (storage != kDense) cursor.refuse("storage type " + std::to_string(storage), "0 (dense)");
  }
  if (!oldest) dimensions = cursor.take<std::uint32_t>();
  if (dimensions > kMaxDimensions)
    cursor.refuse(std::to_string(dimensions) + " dimensions", "at most 32");
  if (dimensions == 0) return array;

  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const std::int64_t extent = oldest ? cursor.take<std::uint32_t>() : cursor.take<std::int64_t>();
    if (extent < 0)
      cursor.refuse("an extent of " + std::to_string(extent), "an extent of at least 0");
    array.shape.push_back(extent);
  }
  // An extent of 0 makes the array empty, wherever it stands and however large the others are.
  const bool empty = std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end();
  std::uint64_t count = empty ? 0 : 1;
  for (const std::int64_t extent : array.shape) {
    if (!empty && count > cursor.left() / static_cast<std::uint64_t>(extent))
      cursor.refuse("an extent of " + std::to_string(extent), "an array that fits into the file");
    count *= static_cast<std::uint64_t>(extent);
  }
  (void)cursor.take<std::int32_t>();  // device type
  (void)cursor.take<std::int32_t>();  // device id
  const auto type = cursor.take<std::int32_t>();
  if (type != kFloat32) cursor.refuse("element type " + std::to_string(type), "0 (float32)");
  const std::string_view data = cursor.take_bytes(count * sizeof(float));
  array.values.resize(count);
  if (count > 0) std::memcpy(array.values.data(), data.data(), data.size());
  return array;
}

}  // namespace

void write_ndarray_list(ByteSink& sink, const std::vector<NamedArray>& arrays) {
  std::string head;
  append_little(head, kListMagic);
  append_little(head, std::uint64_t{0});
  append_little(head, static_cast<std::uint64_t>(arrays.size()));
  sink.write(head);
  for (const NamedArray& array : arrays) {
    std::string bytes;
    append_little(bytes, kVersion2);
    append_little(bytes, kDense);
    append_little(bytes, static_cast<std::uint32_t>(array.shape.size()));
    for (const std::int64_t extent : array.shape) append_little(bytes, extent);
    if (array.shape.empty()) {  // MXNet's "no array": nothing follows the shape
      sink.write(bytes);
      continue;
    }
    append_little(bytes, kCpu);
    append_little(bytes, std::int32_t{0});
    append_little(bytes, kFloat32);
    sink.write(bytes);
    sink.write(
        {reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(float)});
  }
  std::string names;
  append_little(names, static_cast<std::uint64_t>(arrays.size()));
  for (const NamedArray& array : arrays) {
    append_little(names, static_cast<std::uint64_t>(array.name.size()));
    names += array.name;
  }
  sink.write(names);
}

std::vector<NamedArray> read_ndarray_list(std::string_view bytes, std::string_view origin) {
  Cursor cursor(bytes, origin);
  const auto magic = cursor.take<std::uint64_t>();
  if (magic != kListMagic) cursor.refuse("magic " + std::to_string(magic), "274 (0x112)");
  (void)cursor.take<std::uint64_t>();
  std::vector<NamedArray> arrays;
  for (auto count = cursor.take<std::uint64_t>(); count > 0; --count)
    arrays.push_back(take_array(cursor));
  const auto names = cursor.take<std::uint64_t>();
  if (names != 0 && names != arrays.size()) {
    cursor.refuse(std::to_string(names) + " names", "none or " + std::to_string(arrays.size()));
  }
  for (std::uint64_t i = 0; i < names; ++i)
    arrays[i].name = cursor.take_bytes(cursor.take<std::uint64_t>());
  return arrays;
}

}  // namespace millrace
