#pragma once

#include <cstdint>

namespace millrace {

/// Which of several hosts this is. Of each run of size * n rows that every host reads, host r keeps
/// the r-th n: the hosts' batches together are one batch of a single host, row for row.
struct Share {
  std::int64_t rank = 0;
  std::int64_t size = 1;

  struct Rows {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  /// Of `rows` rows read together; the last, shorter run is divided evenly too.
  [[nodiscard]] Rows of(std::int64_t rows) const {
    return {.begin = rank * rows / size, .end = (rank + 1) * rows / size};
  }
};

}  // namespace millrace
