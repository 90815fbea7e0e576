#include "trainer/algorithms/knn/tensors/index.h"

#include "core/base/error.h"
#include "trainer/algorithms/knn/tensors/flat_index.h"
#include "trainer/algorithms/knn/tensors/ivf_index.h"

namespace millrace::knn {

std::unique_ptr<Index> build_index(const IndexSettings& settings, std::vector<float> vectors) {
  if (settings.type != IndexType::Flat) return build_ivf_index(settings, vectors);
  return std::make_unique<FlatIndex>(settings.inner_product, settings.dimension,
                                     std::move(vectors));
}

std::unique_ptr<Index> read_index(std::string_view bytes) {
  if (FlatIndex::is_flat(bytes)) return FlatIndex::read(bytes);
  return read_ivf_index(bytes);
}

void require_supported(IndexType type) {
  if (type == IndexType::Flat || has_faiss()) return;
  throw Error(Blame::Customer,
              Problem{.where = "hyperparameter 'index_type'",
                      .given = type == IndexType::IvfPq ? "faiss.IVFPQ" : "faiss.IVFFlat",
                      .expected = "faiss.Flat, because this build has no FAISS",
                      .fix = "Use faiss.Flat, or install libfaiss-dev and build "
                             "the trainer again."});
}

}  // namespace millrace::knn
