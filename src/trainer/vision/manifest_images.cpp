#include "trainer/vision/manifest_images.h"

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/augmented_manifest.h"
#include "core/data/line_reader.h"
#include "core/io/file.h"
#include "trainer/vision/enclosure.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAttributes =
    "Name the image's attribute and the label's, as in --attributes source-ref,class.";

/// A manifest in the working directory has no folder of its own in its path.
fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// The images that are not there; the first is told in full.
class MissingImages {
 public:
  void add(const std::string& where, const std::string& path) {
    if (count_++ == 0) first_ = {.where = where, .given = path, .expected = {}, .fix = {}};
  }
  void check(std::int64_t images) {
    if (count_ == 0) return;
    first_.expected = "a file below the manifest's folder (" + std::to_string(count_) + " of the " +
                      std::to_string(images) + " images are missing)";
    first_.fix = first_.given.starts_with("s3://")
                     ? "Use 'millrace eval', which fetches the images of a manifest."
                     : "Put it there, or take the line out; paths are relative to that folder.";
    throw Error(Blame::Customer, first_);
  }

 private:
  Problem first_;
  std::int64_t count_ = 0;
};

}  // namespace

ManifestImages::ManifestImages(const fs::path& manifest, const std::vector<std::string>& attributes,
                               const AttributeLabels& labels)
    : ImageFiles(folder_of(manifest)),
      name_(manifest.filename().string()),
      labels_(labels.multi_label ? labels.classes : 0) {
  FdSource source(open_for_reading(manifest));
  LineReader lines(source, name_, kMaxManifestLineBytes);
  Enclosure enclosure(directory());
  MissingImages missing;
  while (const std::string_view* line = lines.next()) {
    if (trim(*line).empty()) continue;
    const std::vector<std::string> values = parse_manifest_line(*line, attributes, lines.place());
    const std::string where = lines.place() + ", attribute '" + attributes[0] + "'";
    const Enclosure::Found found = enclosure.look(values[0]);
    if (found.verdict == Enclosure::Verdict::Outside) {
      refuse(where, values[0],
             "a path below the manifest's folder, without '..', leading '/' and links out of it",
             "Write paths relative to that folder.");
    }
    if (found.verdict == Enclosure::Verdict::Missing) missing.add(where, values[0]);
    labels_.add_classes(classes_of_attribute(
        values[1], labels, lines.place() + ", attribute '" + attributes[1] + "'", kAttributes));
    add_file(values[0], found.bytes);
    lines_.push_back(lines.line());
  }
  missing.check(count());
  if (lines_.empty()) {
    refuse(name_, "no lines", "a JSON object in each line, one for an image",
           "Make the manifest again.");
  }
}

std::string ManifestImages::name(std::int64_t i) const {
  return name_ + ", line " + std::to_string(lines_[static_cast<std::size_t>(i)]) + ", " + path(i);
}

}  // namespace millrace
