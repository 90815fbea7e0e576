#include "platform/catalog/wire_container.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "core/base/error.h"
#include "platform/containers/image_documents.h"

namespace millrace::catalog {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

containers::Manifest manifest_of(const wire::control::ImageExport& from,
                                 const containers::ImageStore& store, const std::string& id) {
  const std::string text =
      containers::is_digest(from.digest) ? store.manifest_of(id, from.digest) : std::string();
  if (text.empty()) {
    throw Error(Blame::Customer, "ValidationException",
                describe(Problem{
                    .where = "Export.Digest",
                    .given = from.digest,
                    .expected = "the ImageId, or the digest of a manifest that the image was added "
                                "with",
                    .fix = "Add the export with 'millrace images add'."}));
  }
  return std::get<containers::Manifest>(containers::parse_manifest(text, from.digest));
}

/// What registries know the image and its layers by.
void note_manifest(const containers::Manifest& manifest, containers::ImageRecord& record) {
  if (!manifest.media_type.empty()) record.media_type = manifest.media_type;
  for (std::size_t i = 0; i < std::min(manifest.layers.size(), record.layers.size()); ++i) {
    record.layers[i].digest = manifest.layers[i].digest;
    record.layers[i].size = manifest.layers[i].size;
  }
}

}  // namespace

wire::control::ContainerImage wire_container(const containers::ImageRecord& record) {
  wire::control::ContainerImage image{.image_id = record.id,
                                      .digest = record.digest,
                                      .media_type = unless_empty(record.media_type),
                                      .source_kind = record.kind,
                                      .source = record.source,
                                      .reference = unless_empty(record.reference),
                                      .signature_beside = record.signature_beside,
                                      .platform = record.platform,
                                      .built = unless_empty(record.created),
                                      .size_in_bytes = static_cast<std::int64_t>(record.bytes),
                                      .files = static_cast<std::int64_t>(record.entries),
                                      .entrypoint = record.entrypoint,
                                      .arguments = record.arguments,
                                      .environment = record.environment,
                                      .working_directory = record.working_directory,
                                      .user = record.user,
                                      .user_id = record.user_id,
                                      .group_id = record.group_id,
                                      .dropped = record.dropped};
  for (const containers::RecordedLayer& layer : record.layers) {
    image.layers.push_back({.digest = unless_empty(layer.digest),
                            .diff_id = layer.diff_id,
                            .size_in_bytes = static_cast<std::int64_t>(layer.size)});
  }
  return image;
}

void note_export(const wire::control::ImageExport& from, const containers::ImageStore& store,
                 containers::ImageRecord& record) {
  record.digest = from.digest;
  record.media_type = from.media_type.value_or("");
  record.kind = from.source_kind;
  record.source = from.source;
  record.reference = from.reference.value_or("");
  record.signature_beside = from.signature_beside;
  if (from.digest != record.id) note_manifest(manifest_of(from, store, record.id), record);
}

}  // namespace millrace::catalog
