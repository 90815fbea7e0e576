#include "core/data/content_types.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

/// More labels than features a row may have would be no table.
constexpr std::int64_t kMaxLabelSize = 1'000'000;

const std::vector<FormatNames>& table() {
  static const std::vector<FormatNames> formats{
      {.format = DataFormat::Csv,
       .name = "csv",
       .about = "comma-separated numbers, label first, no header",
       .media_types = {"text/csv"},
       .parameters = {"label_size"},
       .extensions = {".csv"}},
      {.format = DataFormat::RecordIoProtobuf,
       .name = "recordio-protobuf",
       .about = "RecordIO of protobuf messages with tensors",
       .media_types = {"application/x-recordio-protobuf"},
       .parameters = {"verbose"},
       .extensions = {".pbr", ".pr", ".pb", ".protobuf"}},
      {.format = DataFormat::Libsvm,
       .name = "libsvm",
       .about = "label index:value ...",
       .media_types = {"text/libsvm", "text/x-libsvm"},
       .parameters = {},
       .extensions = {".libsvm", ".svmlight", ".svm"}},
      {.format = DataFormat::RecordIo,
       .name = "recordio",
       .about = "RecordIO of images with labels, as im2rec writes it",
       .media_types = {"application/x-recordio"},
       .parameters = {"label-format"},
       .extensions = {".rec"}},
      {.format = DataFormat::JsonLines,
       .name = "jsonlines",
       .about = "one inference instance a line",
       .media_types = {"application/jsonlines"},
       .parameters = {},
       .extensions = {".jsonl", ".jsonlines"}},
      {.format = DataFormat::JsonDocument,
       .name = "json",
       .about = "an inference request: {\"instances\": [...]}",
       .media_types = {"application/json"},
       .parameters = {"verbose", "annotation"},
       .extensions = {".json"}},
      {.format = DataFormat::AugmentedManifest,
       .name = "manifest",
       .about = "augmented manifest: one JSON object a line",
       .media_types = {},
       .parameters = {},
       .extensions = {".manifest"}},
      {.format = DataFormat::Image,
       .name = "image",
       .about = "a JPEG or PNG file",
       .media_types = {"application/x-image", "image/jpeg", "image/png"},
       .parameters = {},
       .extensions = {".jpg", ".jpeg", ".png"}},
  };
  return formats;
}

[[noreturn]] void refuse(std::string_view place, std::string given, std::string expected,
                         std::string fix = {}) {
  throw Error(Blame::Customer, Problem{.where = std::string(place),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

std::string quoted_list(const std::vector<std::string_view>& names) {
  return join({names.begin(), names.end()}, ", ");
}

const FormatNames& find_media_type(const std::string& media_type, std::string_view place) {
  std::vector<std::string> known;
  for (const FormatNames& format : table()) {
    for (const std::string_view name : format.media_types) {
      if (name == media_type) return format;
      known.emplace_back(name);
    }
  }
  const auto meant = nearest(media_type, known);
  refuse(place, media_type, "one of " + join(known, ", "),
         meant ? "Did you mean '" + *meant + "'?" : "");
}

bool parse_flag(std::string_view value, std::string_view name, std::string_view place) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  refuse(place, std::string(value), "true or false as " + std::string(name));
}

void set_parameter(ContentType& type, const std::string& name, std::string_view value,
                   std::string_view place) {
  if (name == "label_size") {
    const std::optional<std::int64_t> size = parse_int(value);
    if (!size || *size < 0 || *size > kMaxLabelSize) {
      refuse(place, std::string(value),
             "a whole number from 0 to " + std::to_string(kMaxLabelSize) + " as label_size");
    }
    type.label_size = size;
  } else if (name == "label-format") {
    if (value != "multi-hot" && value != "class-id")
      refuse(place, std::string(value), "multi-hot or class-id as label-format");
    type.label_format = value;
  } else if (name == "verbose") {
    type.verbose = parse_flag(value, name, place);
  } else if (name == "annotation") {
    type.annotation = parse_flag(value, name, place);
  } else if (!equal_ignoring_case(value, "utf-8")) {
    refuse(place, std::string(value), "utf-8 as charset");
  }
}

}  // namespace

std::span<const FormatNames> all_formats() {
  return table();
}

const FormatNames& names_of(DataFormat format) {
  return *std::find_if(table().begin(), table().end(),
                       [&](const FormatNames& names) { return names.format == format; });
}

const FormatNames* find_format(std::string_view name) {
  for (const FormatNames& format : table()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const FormatNames* format_of_file(std::string_view file_name) {
  const std::string lower = to_lower(file_name);
  std::string_view name = lower;
  if (name.ends_with(".gz")) name.remove_suffix(3);
  for (const FormatNames& format : table()) {
    for (const std::string_view extension : format.extensions) {
      if (name.ends_with(extension)) return &format;
    }
  }
  return nullptr;
}

ContentType parse_content_type(std::string_view text, std::string_view place) {
  const std::vector<std::string_view> parts = split(text, ';');
  ContentType type;
  type.media_type = to_lower(trim(parts[0]));
  const FormatNames& format = find_media_type(type.media_type, place);
  type.format = format.format;
  std::vector<std::string_view> known = format.parameters;
  if (type.media_type.starts_with("text/") || type.media_type.starts_with("application/json"))
    known.push_back("charset");
  std::vector<std::string> given;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trim(parts[i]);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string name = to_lower(trim(part.substr(0, equals)));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse(place, "parameter " + name,
             known.empty() ? "no parameters of " + type.media_type
                           : "only " + quoted_list(known) + " as parameters of " + type.media_type);
    }
    if (std::find(given.begin(), given.end(), name) != given.end())
      refuse(place, name + " twice", "each parameter once");
    given.push_back(name);
    if (equals == std::string_view::npos) refuse(place, name, name + "=<value>");
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    set_parameter(type, name, value, place);
  }
  return type;
}

}  // namespace millrace
