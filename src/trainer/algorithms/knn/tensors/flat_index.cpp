#include "trainer/algorithms/knn/tensors/flat_index.h"

#include <ATen/Parallel.h>

#include <bit>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/knn/tensors/distance.h"

namespace millrace::knn {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

/// FAISS 1.7, index_write.cpp: type code, header of every index, then the numbers.
struct [[gnu::packed]] Header {
  char type[4];
  std::int32_t dimension;
  std::int64_t rows;
  std::int64_t unused[2];
  std::uint8_t is_trained;
  std::int32_t metric;  ///< 0 inner product, 1 Euclidean distance
  std::uint64_t values;
};
constexpr std::int64_t kUnused = 1 << 20;
constexpr std::string_view kEuclidean = "IxF2", kInnerProduct = "IxFI";

/// Queries, in all, from which preparing the rows for many of them pays: it costs as much as
/// holding some two hundred against every row.
constexpr std::int64_t kManyQueries = 256;

[[noreturn]] void refuse_file(std::string given, std::string expected) {
  throw Error(Blame::Customer, Problem{.where = "model_algo-1",
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = "Use the model.tar.gz of a knn job."});
}

}  // namespace

FlatIndex::FlatIndex(bool inner_product, std::int64_t dimension, std::vector<float> vectors)
    : inner_product_(inner_product),
      dimension_(dimension),
      vectors_(std::move(vectors)),
      rows_(static_cast<std::int64_t>(vectors_.size()) / dimension) {}

bool FlatIndex::is_flat(std::string_view bytes) {
  return bytes.starts_with(kEuclidean) || bytes.starts_with(kInnerProduct);
}

std::unique_ptr<FlatIndex> FlatIndex::read(std::string_view bytes) {
  Header header{};
  if (bytes.size() < sizeof(header))
    refuse_file(std::to_string(bytes.size()) + " bytes", "an index as FAISS writes it");
  std::memcpy(&header, bytes.data(), sizeof(header));
  const std::size_t values = (bytes.size() - sizeof(header)) / sizeof(float);
  const std::int64_t dimension = header.dimension, rows = header.rows;
  const bool fits = dimension >= 1 && rows >= 1 && header.values == values &&
                    values % static_cast<std::size_t>(dimension) == 0 &&
                    static_cast<std::int64_t>(values) / dimension == rows;
  if (!fits) {
    refuse_file(std::to_string(values) + " numbers",
                std::to_string(rows) + " rows of " + std::to_string(dimension));
  }
  std::vector<float> vectors(values);
  std::memcpy(vectors.data(), bytes.data() + sizeof(header), values * sizeof(float));
  return std::make_unique<FlatIndex>(bytes.starts_with(kInnerProduct), dimension,
                                     std::move(vectors));
}

void FlatIndex::write(const std::filesystem::path& path) const {
  Header header{.type = {},
                .dimension = static_cast<std::int32_t>(dimension_),
                .rows = rows_,
                .unused = {kUnused, kUnused},
                .is_trained = 1,
                .metric = inner_product_ ? 0 : 1,
                .values = vectors_.size()};
  std::memcpy(header.type, (inner_product_ ? kInnerProduct : kEuclidean).data(),
              sizeof(header.type));
  FdSink file(create_for_writing(path));
  file.write({reinterpret_cast<const char*>(&header), sizeof(header)});
  file.write({reinterpret_cast<const char*>(vectors_.data()), vectors_.size() * sizeof(float)});
}

Neighbours FlatIndex::search(std::span<const float> queries, std::int64_t k) {
  MILLRACE_CHECK(k >= 1 && k <= rows_);
  const std::int64_t count = static_cast<std::int64_t>(queries.size()) / dimension_;
  std::vector<Nearest> nearest(static_cast<std::size_t>(count), Nearest(k));
  queries_ += count;
  if (!filter_ && queries_ >= kManyQueries)
    filter_.emplace(vectors_, dimension_, inner_product_, k);
  if (!filter_ || !filter_->search(queries, nearest)) search_all(queries, nearest);

  Neighbours found{.k = k, .distances = {}, .rows = {}};
  found.distances.reserve(static_cast<std::size_t>(count * k));
  found.rows.reserve(static_cast<std::size_t>(count * k));
  for (Nearest& each : nearest) {
    for (const auto& [distance, row] : each.sorted()) {
      found.distances.push_back(static_cast<float>(inner_product_ ? -distance : distance));
      found.rows.push_back(row);
    }
  }
  return found;
}

/// Each thread takes some of the rows; their findings are joined, in any order.
void FlatIndex::search_all(std::span<const float> queries, std::span<Nearest> nearest) const {
  std::mutex joining;
  const std::int64_t grain = std::max<std::int64_t>(1, (1 << 16) / dimension_);
  at::parallel_for(0, rows_, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t query = 0; query < nearest.size(); ++query) {
      const float* const vector = queries.data() + query * static_cast<std::size_t>(dimension_);
      Nearest here(nearest[query].k());
      for (std::int64_t row = begin; row < end; ++row) {
        const float* const other = vectors_.data() + row * dimension_;
        here.offer(inner_product_ ? -inner_product(vector, other, dimension_)
                                  : squared_distance(vector, other, dimension_),
                   row);
      }
      const std::scoped_lock lock(joining);
      for (const auto& [distance, row] : here.sorted()) nearest[query].offer(distance, row);
    }
  });
}

}  // namespace millrace::knn
