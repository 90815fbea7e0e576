#include "trainer/algorithms/knn/tensors/model.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/io/file.h"
#include "trainer/algorithms/knn/vote.h"
#include "trainer/tabular/model_files.h"

namespace millrace::knn {
namespace {

/// Neighbours that are held at once (32 MiB of them).
constexpr std::int64_t kMaxNeighbours = std::int64_t{1} << 21;

}  // namespace

Model::Model(const Metadata& metadata, std::vector<float> labels, std::unique_ptr<Index> index)
    : metadata_(metadata),
      labels_(std::move(labels)),
      index_(std::move(index)),
      preparation_(metadata, index_->dimension()) {
  MILLRACE_CHECK(static_cast<std::int64_t>(labels_.size()) == index_->rows());
  if (metadata.k <= index_->rows()) return;
  throw Error(Blame::Customer, Problem{.where = std::string(kMetadataFile) + ", member 'k'",
                                       .given = std::to_string(metadata.k),
                                       .expected = "at most " + std::to_string(index_->rows()) +
                                                   ", the rows of the model",
                                       .fix = "Lower k."});
}

Model Model::read(const std::filesystem::path& path) {
  const std::array<std::string_view, 3> names{kMetadataFile, kIndexFile, kLabelsFile};
  std::vector<std::string> files = read_model_files(path, names, "knn");
  const Metadata metadata = parse_metadata(files[0]);
  std::unique_ptr<Index> index = read_index(std::exchange(files[1], {}));
  std::vector<float> labels = parse_labels(files[2], index->rows());
  return {metadata, std::move(labels), std::move(index)};
}

void Model::write(const std::filesystem::path& directory) const {
  std::filesystem::create_directories(directory);
  index_->write(directory / kIndexFile);
  write_file_durably(directory / kLabelsFile, format_labels(labels_));
  write_file_durably(directory / kMetadataFile, format_metadata(metadata_));
}

void Model::answer(const TabularBatch& rows, const std::function<void(const Answer&)>& take) {
  const auto wide = static_cast<std::size_t>(preparation_.dimension());
  const std::size_t together =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kMaxNeighbours / metadata_.k)) * wide;
  std::vector<float> labels, scratch;
  preparation_.prepare(rows, [&](std::int64_t, std::span<const float> vectors) {
    for (std::size_t at = 0; at < vectors.size(); at += together) {
      const Neighbours near =
          index_->search(vectors.subspan(at, std::min(together, vectors.size() - at)), metadata_.k);
      const auto k = static_cast<std::size_t>(near.k);
      for (std::size_t first = 0; first < near.rows.size(); first += k) {
        labels.clear();
        for (std::size_t i = first; i < first + k && near.rows[i] >= 0; ++i)
          labels.push_back(labels_[static_cast<std::size_t>(near.rows[i])]);
        take({.predicted = predicted_label(metadata_.predictor, labels, scratch),
              .distances = std::span(near.distances).subspan(first, labels.size()),
              .labels = labels});
      }
    }
  });
}

}  // namespace millrace::knn
