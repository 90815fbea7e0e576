#include "core/base/error.h"
#include "trainer/algorithms/knn/tensors/ivf_index.h"

namespace millrace::knn {
namespace {

[[noreturn]] void refuse() {
  throw Error(Blame::Customer, Problem{.where = "hyperparameter 'index_type'",
                                       .given = "faiss.IVFFlat or faiss.IVFPQ",
                                       .expected = "faiss.Flat, because this build has no FAISS",
                                       .fix = "Use faiss.Flat, or install libfaiss-dev and build "
                                              "the trainer again."});
}

}  // namespace

std::unique_ptr<Index> build_ivf_index(const IndexSettings&, const std::vector<float>&) {
  refuse();
}
std::unique_ptr<Index> read_ivf_index(std::string_view) {
  refuse();
}
bool has_faiss() {
  return false;
}

}  // namespace millrace::knn
