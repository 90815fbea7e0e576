#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/schema/field_spec.h"
#include "platform/catalog/image_name.h"

namespace millrace::catalog {

struct ChannelSpec {
  std::string name;
  bool required = false;
  std::vector<std::string> content_types;  ///< empty: any
  std::vector<std::string> input_modes;    ///< "File", "Pipe", "FastFile"; empty: any
};

struct MetricSpec {
  std::string name;
  std::string regex;
  bool higher_is_better = false;
};

/// What a channel of a job is, as far as an algorithm cares.
struct ChannelUse {
  std::string name;
  std::string input_mode;  ///< effective
  std::optional<std::string> content_type;
};

/// A built-in algorithm as `millrace-trainer describe` tells it.
struct AlgorithmDescription {
  std::string name;  ///< "image-classification"
  std::string summary;
  std::vector<std::string>
      image_names;  ///< repositories that mean this algorithm; at least its own name
  std::vector<FieldSpec> hyperparameters;
  std::vector<ChannelSpec> channels;
  std::vector<MetricSpec> metrics;
  bool distributed = false;  ///< its hosts train one model together

  /// Everything that is wrong, worded for the user; empty when all is well.
  [[nodiscard]] std::vector<Problem> check_hyperparameters(
      const std::map<std::string, std::string>& values) const;
  [[nodiscard]] std::vector<Problem> check_channels(const std::vector<ChannelUse>& channels) const;
};

/// The algorithms of one or more trainers.
class Algorithms {
 public:
  /// Each document is what one `millrace-trainer describe` printed: {"algorithms": [...]}. Members
  /// that are not known are ignored, so that a newer trainer can be used. Throws Error(Customer)
  /// naming the algorithm and the member that is missing or of the wrong type, and when two
  /// algorithms claim the same name.
  explicit Algorithms(const std::vector<Json>& documents);

  /// The algorithm that an image stands for: the repository counts, whatever registry it is in.
  /// Tags "1", "latest" and none mean the same; nullptr for other tags and for names that are not
  /// an algorithm's.
  [[nodiscard]] const AlgorithmDescription* find(const ImageName& image) const;
  /// By its own name.
  [[nodiscard]] const AlgorithmDescription* named(std::string_view name) const;
  [[nodiscard]] const std::vector<AlgorithmDescription>& all() const { return algorithms_; }
  /// Every repository name that find() knows.
  [[nodiscard]] std::vector<std::string> repositories() const;

 private:
  std::vector<AlgorithmDescription> algorithms_;
};

}  // namespace millrace::catalog
