#include "trainer/tabular/content_type.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::string_view kLabelSize = "label_size";

[[noreturn]] void refuse(const std::string& where, std::string_view given, std::string expected,
                         std::string fix) {
  throw Error(Blame::Customer, Problem{.where = where,
                                       .given = "ContentType " + std::string(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

/// The label_size parameter, or `otherwise`.
std::int64_t label_size_of(const MediaType& media, std::int64_t otherwise, std::string_view text,
                           const std::string& where) {
  const auto found = media.parameters.find(std::string(kLabelSize));
  if (found == media.parameters.end()) return otherwise;
  const std::optional<std::int64_t> size = parse_int(found->second);
  if (!size || *size < 0 || *size > 1'000'000) {
    refuse(where, text, "label_size to be a whole number of columns",
           "Write it as 'text/csv;label_size=1'.");
  }
  return *size;
}

}  // namespace

MediaType parse_media_type(std::string_view text) {
  MediaType media;
  const std::vector<std::string_view> parts = split(text, ';');
  media.type = to_lower(trim(parts[0]));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    const std::string name = to_lower(trim(parts[i].substr(0, equals)));
    if (name.empty()) continue;
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : trim(parts[i].substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    media.parameters[name] = std::string(value);
  }
  return media;
}

TabularContent training_content(std::string_view content_type, std::int64_t label_size,
                                const std::string& where) {
  const MediaType media = parse_media_type(content_type);
  if (media.type.empty() || media.type == kProtobuf)
    return {.format = TabularFormat::Protobuf, .label_size = label_size};
  if (media.type != kCsv) {
    refuse(where, content_type, std::string(kCsv) + " or " + std::string(kProtobuf),
           "Set the channel's ContentType to the one its files are in.");
  }
  const std::int64_t given = label_size_of(media, label_size, content_type, where);
  if (given != label_size) {
    refuse(where, content_type, "label_size=" + std::to_string(label_size),
           label_size == 0 ? "This channel has features only: write 'text/csv;label_size=0'."
                           : "The label stands in the first column: write 'text/csv;label_size=" +
                                 std::to_string(label_size) + "' or 'text/csv'.");
  }
  return {.format = TabularFormat::Csv, .label_size = given};
}

TabularContent request_content(std::string_view content_type, const std::string& where) {
  const MediaType media = parse_media_type(content_type);
  if (media.type == kCsv) {
    return {.format = TabularFormat::Csv,
            .label_size = label_size_of(media, 0, content_type, where)};
  }
  if (media.type == kProtobuf) return {.format = TabularFormat::Protobuf};
  if (media.type == kJson) return {.format = TabularFormat::Json};
  if (media.type == kJsonLines) return {.format = TabularFormat::JsonLines};
  refuse(where, content_type,
         join({std::string(kCsv), std::string(kProtobuf), std::string(kJson),
               std::string(kJsonLines)},
              ", "),
         "Set the content type to the one the rows are in.");
}

}  // namespace millrace
