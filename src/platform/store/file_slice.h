#pragma once

#include <cstdint>
#include <memory>

#include "core/base/fd.h"
#include "core/io/byte_source.h"
#include "platform/store/byte_range.h"

namespace millrace::store {

/// Part of an open file as a stream; the file's position is not used, so many may read it at once.
class FileSlice final : public ByteSource {
 public:
  FileSlice(std::shared_ptr<const Fd> file, ByteRange range)
      : file_(std::move(file)), rest_(range) {}

  std::size_t read(std::span<char> buffer) override;

 private:
  std::shared_ptr<const Fd> file_;
  ByteRange rest_;
};

}  // namespace millrace::store
