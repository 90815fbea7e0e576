#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "trainer/algorithms/knn/metadata.h"
#include "trainer/algorithms/knn/tensors/index.h"
#include "trainer/algorithms/knn/tensors/preparation.h"

namespace millrace::knn {

/// What is known of one row: at most k neighbours, nearest first, and what they say.
struct Answer {
  float predicted = 0;
  std::span<const float> distances;
  std::span<const float> labels;
};

/// A trained model in memory.
class Model {
 public:
  /// A label for each row of the index. Throws Error(Customer) where k exceeds the rows.
  Model(const Metadata& metadata, std::vector<float> labels, std::unique_ptr<Index> index);

  /// From model.tar.gz or the directory it was made of. Throws Error(Customer) naming what is
  /// missing or damaged.
  static Model read(const std::filesystem::path& path);
  void write(const std::filesystem::path& directory) const;

  [[nodiscard]] std::int64_t features() const { return preparation_.features(); }

  /// For each of `rows`, in order; the spans are valid within the call.
  void answer(const TabularBatch& rows, const std::function<void(const Answer&)>& take);

 private:
  Metadata metadata_;
  std::vector<float> labels_;
  std::unique_ptr<Index> index_;
  Preparation preparation_;
};

}  // namespace millrace::knn
