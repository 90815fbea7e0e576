#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// A longer line of an augmented manifest is refused; Ground Truth writes at most 100,000
/// characters.
inline constexpr std::size_t kMaxManifestLineBytes = std::size_t{1} << 20;

/// Whether an attribute of this name holds the S3 URI of what is meant, not the value itself.
bool is_reference(std::string_view attribute);

/// Throws Error(Customer) naming `where` unless these are the attributes of a labelled image: that
/// of the image, a reference, and that of its label, which is none.
void check_image_and_label(const std::vector<std::string>& attributes, std::string_view where);

/// The values of `attributes` in one line of an augmented manifest (one JSON object), in the order
/// of `attributes`, as they are delivered: a string without its quotes and escapes; a number, true,
/// false, null, an array or an object as the very text that stands in the line. Repeated members
/// keep the last value. Source: Amazon SageMaker Developer Guide, "Provide Dataset Metadata to
/// Training Jobs with an Augmented Manifest File".
///
///     parse_manifest_line(R"({"image-ref": "s3://b/1.png", "label": 7.50})", {"label"}, "m, line
///     1") is {"7.50"}
///
/// Throws Error(Customer) naming `origin` for what is no JSON object, an attribute that is missing
/// and a reference that is no string.
std::vector<std::string> parse_manifest_line(std::string_view line,
                                             const std::vector<std::string>& attributes,
                                             std::string_view origin);

}  // namespace millrace
