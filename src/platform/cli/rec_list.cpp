#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/image_header.h"
#include "core/data/image_record.h"
#include "core/data/lst.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/io/mapping.h"
#include "core/json/json.h"
#include "platform/cli/rec_commands.h"

namespace millrace::cli {
namespace {

struct ListOptions {
  std::filesystem::path file;
  std::string format = "text";
  std::int64_t first = 0;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
};

/// Of one record in text; boxes have many.
constexpr std::size_t kShownLabels = 8;

struct ListedRecord {
  std::int64_t number = 0;
  RecordSpan span;
  ImageRecord record;
  std::optional<ImageHeader> header;
};

std::string labels_text(const std::vector<float>& labels, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < labels.size() && i < most; ++i)
    text += (i == 0 ? "" : " ") + label_text(labels[i]);
  return labels.size() > most ? text + " ... (" + std::to_string(labels.size()) + ")" : text;
}

std::string format_text(const std::optional<ImageHeader>& header) {
  return header ? std::string(name_of(header->format)) : "unknown";
}

std::string size_text(const std::optional<ImageHeader>& header) {
  if (!header) return "?";
  return std::to_string(header->width) + "x" + std::to_string(header->height);
}

std::string text_line(const ListedRecord& listed) {
  char columns[160];
  std::snprintf(
      columns, sizeof columns, "%8lld %12llu %12llu  %-7s %11s %10zu  ",
      static_cast<long long>(listed.number), static_cast<unsigned long long>(listed.span.offset),
      static_cast<unsigned long long>(listed.record.id), format_text(listed.header).c_str(),
      size_text(listed.header).c_str(), listed.record.image.size());
  return columns + labels_text(listed.record.labels, kShownLabels);
}

std::string tsv_line(const ListedRecord& listed) {
  const auto [number, span, record, header] = listed;
  std::string line = std::to_string(number) + "\t" + std::to_string(span.offset) + "\t" +
                     std::to_string(record.id) + "\t" + std::to_string(record.id2) + "\t" +
                     format_text(header) + "\t";
  line += header ? std::to_string(header->width) + "\t" + std::to_string(header->height) : "\t";
  return line + "\t" + std::to_string(record.image.size()) + "\t" +
         labels_text(record.labels, record.labels.size());
}

std::string json_line(const ListedRecord& listed) {
  Json json{{"record", listed.number},
            {"offset", listed.span.offset},
            {"id", listed.record.id},
            {"id2", listed.record.id2},
            {"labels", Json::array()},
            {"format", format_text(listed.header)},
            {"bytes", listed.record.image.size()}};
  for (const float label : listed.record.labels) {
    Json number = Json::parse(label_text(label), nullptr, false);
    json["labels"].push_back(number.is_discarded() ? Json(nullptr) : std::move(number));
  }
  if (listed.header) {
    json["width"] = listed.header->width;
    json["height"] = listed.header->height;
    json["channels"] = listed.header->channels;
  }
  return to_text(json);
}

std::string line_of(const ListedRecord& listed, const std::string& format) {
  if (format == "tsv") return tsv_line(listed);
  return format == "jsonl" ? json_line(listed) : text_line(listed);
}

void list(const ListOptions& options) {
  const Mapping mapping(options.file);
  const std::vector<RecordSpan> spans = index_records(mapping.bytes(), options.file.string());
  if (options.format == "tsv")
    std::cout << "record\toffset\tid\tid2\tformat\twidth\theight\tbytes\tlabels\n";
  if (options.format == "text")
    std::cout << "  record       offset           id  format         size      bytes  labels\n";
  const auto total = static_cast<std::int64_t>(spans.size());
  const std::int64_t first = std::min(options.first, total);
  const std::int64_t end = first + std::min(options.count, total - first);
  std::string scratch;
  // A reader that has seen enough, such as head, closes its end of the pipe.
  for (std::int64_t number = first; number < end && std::cout; ++number) {
    ListedRecord listed{.number = number, .span = spans[static_cast<std::size_t>(number)]};
    const std::string_view payload = record_payload(mapping.bytes(), listed.span, scratch);
    listed.record = parse_image_record(payload, record_origin(options.file.string(), number));
    listed.header = read_image_header(listed.record.image);
    std::cout << line_of(listed, options.format) << '\n';
  }
}

}  // namespace

void add_rec_list(CLI::App& rec) {
  CLI::App* verb = rec.add_subcommand("list", "What is in a .rec, a line for each record");
  verb->footer(
      "Offsets are those of the .idx. Sizes are read from the images' heads; nothing is "
      "decoded.\n\n"
      "Examples:\n"
      "  millrace rec list train.rec\n"
      "  millrace rec list --first 1000 --count 10 train.rec\n"
      "  millrace rec list --format jsonl train.rec | jq -s 'map(.bytes) | add'\n");
  auto options = std::make_shared<ListOptions>();
  verb->add_option("file", options->file, "File to read")
      ->required()
      ->type_name("FILE.rec")
      ->check(CLI::ExistingFile);
  verb->add_option("--format", options->format, "tsv has a header line")
      ->check(CLI::IsMember({"text", "tsv", "jsonl"}))
      ->type_name("")
      ->capture_default_str();
  verb->add_option("--first", options->first, "Number of the first record to list, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--count", options->count, "At most so many records")
      ->check(CLI::PositiveNumber)
      ->default_str("all");
  verb->callback([options] { list(*options); });
}

}  // namespace millrace::cli
