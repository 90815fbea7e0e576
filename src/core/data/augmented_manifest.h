#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/line_reader.h"
#include "core/io/byte_source.h"
#include "core/json/json.h"

namespace millrace {

/// Ground Truth writes at most 100,000 characters a line; of four bytes each in the worst case.
inline constexpr std::size_t kMaxManifestLineBytes = 400'000;

/// One attribute of one line of an augmented manifest.
struct ManifestValue {
  std::string text;        ///< what a channel sends for it, or the URI if it is a reference
  bool reference = false;  ///< the name ends in "-ref": the object at the URI is sent
};

/// Reads an augmented manifest: one JSON object a line; empty lines are passed over.
/// Format: docs/reference/formats/augmented-manifest.md.
///
///     AugmentedManifestReader manifest(source, "train.manifest", {"source-ref", "class"});
///     while (const std::vector<ManifestValue>* values = manifest.next()) ...
class AugmentedManifestReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`. The attributes are those of the
  /// channel's AttributeNames, in its order; their names are case-sensitive.
  AugmentedManifestReader(ByteSource& source, std::string origin,
                          std::vector<std::string> attributes);

  /// The values of the next line in the order of the attributes, valid until the following call;
  /// nullptr at the end. Members that were not asked for are ignored.
  ///
  /// A string is sent without its quotes and with its escapes resolved; numbers, arrays and objects
  /// are sent as the text that stands in the line.
  ///
  /// Throws Error(Customer) naming origin and line of what is no JSON object, of an attribute that
  /// is missing or null, of a reference that is no "s3://" URI.
  const std::vector<ManifestValue>* next();

  /// The whole object of that line, for the metadata beside the attributes.
  [[nodiscard]] const Json& object() const { return object_; }
  /// "train.manifest, line 12".
  [[nodiscard]] std::string place() const { return lines_.place(); }

 private:
  ManifestValue value_of(const std::string& attribute, std::string_view line) const;

  LineReader lines_;
  std::vector<std::string> attributes_;
  Json object_;
  std::vector<ManifestValue> values_;
};

/// How several classes of one image are listed.
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
