#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

namespace millrace {

/// A whole file mapped read-only; the pages come in as they are touched. The file must not shrink
/// meanwhile.
class Mapping {
 public:
  /// Throws Error(Platform) naming the file. An empty file gives an empty view.
  explicit Mapping(const std::filesystem::path& path);
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace millrace
