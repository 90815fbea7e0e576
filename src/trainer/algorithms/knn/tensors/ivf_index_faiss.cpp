#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/knn/tensors/ivf_index.h"

namespace millrace::knn {
namespace {

/// Centroids of a sub-space: what one byte can name.
constexpr int kSubCentroidBits = 8;

[[noreturn]] void refuse_rows(std::string where, std::int64_t given, std::int64_t rows,
                              std::string fix) {
  throw Error(Blame::Customer,
              Problem{.where = std::move(where),
                      .given = std::to_string(given) + " centroids to be learned",
                      .expected = "at most " + std::to_string(rows) + ", the rows of the sample",
                      .fix = std::move(fix)});
}

[[noreturn]] void refuse_file(const std::string& what) {
  throw Error(Blame::Customer, Problem{.where = "model_algo-1",
                                       .given = what,
                                       .expected = "an index of the type IVFFlat or IVFPQ as FAISS "
                                                   "writes it",
                                       .fix = "Use the model.tar.gz of a knn job."});
}

/// What FAISS writes and reads its files through.
class SinkWriter final : public faiss::IOWriter {
 public:
  explicit SinkWriter(ByteSink& sink) : sink_(sink) {}
  std::size_t operator()(const void* bytes, std::size_t size, std::size_t count) override {
    sink_.write({static_cast<const char*>(bytes), size * count});
    return count;
  }

 private:
  ByteSink& sink_;
};

class BytesReader final : public faiss::IOReader {
 public:
  explicit BytesReader(std::string_view bytes) : bytes_(bytes) {}
  std::size_t operator()(void* to, std::size_t size, std::size_t count) override {
    const std::size_t whole = std::min(count, size == 0 ? 0 : bytes_.size() / size);
    if (whole > 0) std::memcpy(to, bytes_.data(), whole * size);
    bytes_.remove_prefix(whole * size);
    return whole;
  }

 private:
  std::string_view bytes_;
};

class IvfIndex final : public Index {
 public:
  explicit IvfIndex(std::unique_ptr<faiss::IndexIVF> index) : index_(std::move(index)) {}

  [[nodiscard]] std::int64_t dimension() const override { return index_->d; }
  [[nodiscard]] std::int64_t rows() const override { return index_->ntotal; }

  Neighbours search(std::span<const float> queries, std::int64_t k) override {
    const std::int64_t count = static_cast<std::int64_t>(queries.size()) / dimension();
    Neighbours found{.k = k,
                     .distances = std::vector<float>(static_cast<std::size_t>(count * k)),
                     .rows = std::vector<std::int64_t>(static_cast<std::size_t>(count * k))};
    index_->search(count, queries.data(), k, found.distances.data(), found.rows.data());
    for (std::int64_t query = 0; query < count; ++query) {
      std::int64_t* const rows = found.rows.data() + query * k;
      float* const distances = found.distances.data() + query * k;
      if (rows[0] < 0) search_everywhere(queries.data() + query * dimension(), k, distances, rows);
      settle_ties(k, distances, rows);
    }
    return found;
  }

  void write(const std::filesystem::path& path) const override {
    FdSink file(create_for_writing(path));
    SinkWriter writer(file);
    faiss::write_index(index_.get(), &writer);
  }

 private:
  /// For a query whose lists are all empty, which needs more lists than rows.
  void search_everywhere(const float* query, std::int64_t k, float* distances,
                         std::int64_t* rows) const {
    faiss::IVFSearchParameters all;
    all.nprobe = index_->nlist;
    index_->search(1, query, k, distances, rows, &all);
  }

  /// Equally near rows in the order of their numbers.
  static void settle_ties(std::int64_t k, const float* distances, std::int64_t* rows) {
    for (std::int64_t begin = 0; begin < k;) {
      std::int64_t end = begin + 1;
      while (end < k && distances[end] == distances[begin] && rows[end] >= 0) ++end;
      std::sort(rows + begin, rows + end);
      begin = end;
    }
  }

  std::unique_ptr<faiss::IndexIVF> index_;
};

}  // namespace

std::unique_ptr<Index> build_ivf_index(const IndexSettings& settings,
                                       const std::vector<float>& vectors) {
  const auto dimension = static_cast<std::size_t>(settings.dimension);
  const auto rows = static_cast<std::int64_t>(vectors.size() / dimension);
  if (rows < settings.lists) {
    refuse_rows("hyperparameter 'faiss_index_ivf_nlists'", settings.lists, rows,
                "Lower it, or raise sample_size.");
  }
  if (settings.type == IndexType::IvfPq && rows < (1 << kSubCentroidBits)) {
    refuse_rows("hyperparameter 'index_type', faiss.IVFPQ", 1 << kSubCentroidBits, rows,
                "Use faiss.Flat for so few rows, or raise sample_size.");
  }
  const faiss::MetricType metric =
      settings.inner_product ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2;
  auto quantiser = std::make_unique<faiss::IndexFlat>(settings.dimension, metric);
  const auto lists = static_cast<std::size_t>(settings.lists);
  std::unique_ptr<faiss::IndexIVF> index;
  // FAISS's own generator takes an int.
  const int seed = static_cast<int>(settings.seed & 0x7fffffffU);
  if (settings.type == IndexType::IvfPq) {
    auto pq = std::make_unique<faiss::IndexIVFPQ>(quantiser.get(), dimension, lists,
                                                  static_cast<std::size_t>(settings.sub_vectors),
                                                  static_cast<std::size_t>(kSubCentroidBits));
    pq->pq.cp.seed = seed;
    index = std::move(pq);
  } else {
    index = std::make_unique<faiss::IndexIVFFlat>(quantiser.get(), dimension, lists, metric);
  }
  quantiser.release();
  index->own_fields = true;
  index->cp.seed = seed;
  index->nprobe = static_cast<std::size_t>(settings.probes);
  index->train(rows, vectors.data());
  index->add(rows, vectors.data());
  return std::make_unique<IvfIndex>(std::move(index));
}

std::unique_ptr<Index> read_ivf_index(std::string_view bytes) {
  std::unique_ptr<faiss::Index> index;
  BytesReader reader(bytes);
  try {
    index.reset(faiss::read_index(&reader));
  } catch (const std::exception& failure) {  // bad_alloc too: a damaged size
    refuse_file(failure.what());
  }
  auto* const ivf = dynamic_cast<faiss::IndexIVF*>(index.get());
  if (ivf == nullptr) refuse_file("another type of index");
  index.release();
  return std::make_unique<IvfIndex>(std::unique_ptr<faiss::IndexIVF>(ivf));
}

bool has_faiss() {
  return true;
}

}  // namespace millrace::knn
