#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/json_fwd.h"

namespace millrace {

/// How several classes of one image are listed in an augmented manifest.
/// Format: docs/reference/formats/augmented-manifest.md.
enum class ClassListForm {
  MultiHot,  ///< "[1, 0, 1]": a place for every class; the default
  ClassId,   ///< "[0, 2]": the classes that apply, the form Ground Truth emits
};

/// The classes that a label names, ascending, from its text as a channel sends it: `0`, `[0, 2]`,
/// or either inside quotes. Class ids are below `num_classes`. Throws Error(Customer) "<place>:
/// ..." for another text.
std::vector<std::int64_t> parse_class_labels(std::string_view text, ClassListForm form,
                                             std::int64_t num_classes, std::string_view place);

/// What Ground Truth says about a label in `<label>-metadata`. What a line lacks is absent.
struct LabelMetadata {
  std::string type;      ///< "groundtruth/image-classification"
  std::string job_name;  ///< with or without its prefix "labeling-job/", as it stands
  std::string creation_date;
  std::optional<bool> human_annotated;
  std::optional<double> confidence;                             ///< of a single label
  std::string class_name;                                       ///< of a single label
  std::vector<std::pair<std::int64_t, std::string>> class_map;  ///< names of class ids
  std::vector<std::pair<std::int64_t, double>> confidence_map;  ///< confidence of class ids
};

/// Reads the metadata of attribute `label` out of a manifest line; nullopt when there is none.
/// Throws Error(Customer) "<place>: member '...': ..." for members of another type.
std::optional<LabelMetadata> parse_label_metadata(const Json& object, std::string_view label,
                                                  std::string_view place);

}  // namespace millrace
