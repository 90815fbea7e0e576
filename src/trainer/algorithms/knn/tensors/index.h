#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "trainer/algorithms/knn/hyperparameters.h"

namespace millrace::knn {

/// Both [queries, k], nearest first.
struct Neighbours {
  std::int64_t k = 0;
  /// Squared Euclidean distances, ascending; of an index by inner product these, descending.
  std::vector<float> distances;
  /// Numbers of rows; -1 behind the last where an approximate index found fewer than k.
  std::vector<std::int64_t> rows;
};

/// Vectors that can be searched, in the file format of FAISS (write_index).
class Index {
 public:
  virtual ~Index() = default;

  [[nodiscard]] virtual std::int64_t dimension() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  /// The k rows nearest to each of `queries` [n, dimension()]; k is at most rows().
  virtual Neighbours search(std::span<const float> queries, std::int64_t k) = 0;
  /// Replaces the file.
  virtual void write(const std::filesystem::path& path) const = 0;
};

struct IndexSettings {
  IndexType type = IndexType::Flat;
  bool inner_product = false;  ///< else Euclidean distance
  std::int64_t dimension = 0;
  std::int64_t lists = 1;        ///< IVF: coarse centroids
  std::int64_t probes = 1;       ///< IVF: lists that a query looks into
  std::int64_t sub_vectors = 1;  ///< IVFPQ: a divisor of the dimension
  std::uint64_t seed = 0;        ///< IVF
};

/// `vectors` is [rows, dimension]. Throws Error(Customer) in a build without FAISS for a type other
/// than Flat, and where there are too few rows to train the centroids on.
std::unique_ptr<Index> build_index(const IndexSettings& settings, std::vector<float> vectors);

/// From the bytes of such a file. Throws Error(Customer) where they are none or damaged.
std::unique_ptr<Index> read_index(std::string_view bytes);

/// Throws Error(Customer) where this build lacks FAISS and the type needs it.
void require_supported(IndexType type);

}  // namespace millrace::knn
