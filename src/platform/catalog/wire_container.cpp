#include "platform/catalog/wire_container.h"

#include <optional>
#include <string>

namespace millrace::catalog {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
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

void note_export(const wire::control::ImageExport& from, containers::ImageRecord& record) {
  record.digest = from.digest;
  record.media_type = from.media_type.value_or("");
  record.kind = from.source_kind;
  record.source = from.source;
  record.reference = from.reference.value_or("");
  record.signature_beside = from.signature_beside;
}

}  // namespace millrace::catalog
