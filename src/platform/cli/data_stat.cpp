#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/line_reader.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/json/json.h"
#include "platform/cli/data_commands.h"
#include "platform/cli/data_file.h"
#include "platform/cli/data_statistics.h"

namespace millrace::cli {
namespace {

void stat_of_table(InputFile& input, const DataFileOptions& options, const ContentType& type) {
  const auto rows =
      read_rows(type.format, input.source(), options.file.string(), row_options(options, type));
  TableStatistics statistics;
  for (Row row; rows->read(row);) statistics.add(row);
  std::cout << statistics.text();
  if (rows->narrowed() > 0)
    std::cout << field_text("rounded", std::to_string(rows->narrowed()) + " values as float32");
}

void stat_of_images(InputFile& input, const DataFileOptions& options) {
  RecordIoReader records(input.source(), options.file.string());
  Range bytes, widths, heights;
  std::size_t most_labels = 0;
  LabelHistogram histogram;
  std::int64_t split = 0, grey = 0, other = 0;
  while (const std::string_view* payload = records.next()) {
    const std::string place = record_origin(options.file.string(), records.records() - 1);
    const ImageRecord record = parse_image_record(*payload, place);
    bytes.add(static_cast<double>(record.image.size()));
    most_labels = std::max(most_labels, record.labels.size());
    histogram.add(record.labels[0]);
    split += !records.joins().empty();
    try {
      const Image image = decode_image(record.image, place);
      widths.add(static_cast<double>(image.width));
      heights.add(static_cast<double>(image.height));
      grey += image.channels == 1;
    } catch (const Error&) {
      ++other;
    }
  }
  std::cout << field_text("records", std::to_string(records.records()))
            << field_text("image bytes", bytes.text()) << field_text("width", widths.text())
            << field_text("height", heights.text()) << field_text("grey", std::to_string(grey));
  if (other > 0) std::cout << field_text("no image", std::to_string(other));
  if (split > 0) std::cout << field_text("split records", std::to_string(split));
  std::cout << field_text("labels", "up to " + std::to_string(most_labels) + " a record");
  if (most_labels == 1) std::cout << '\n' << histogram.text();
}

void stat_of_manifest(InputFile& input, const DataFileOptions& options) {
  LineReader lines(input.source(), options.file.string());
  std::map<std::string, std::int64_t> members;
  std::int64_t objects = 0;
  while (const std::string_view* line = lines.next()) {
    if (trim(*line).empty()) continue;
    const Json object = parse_json(*line, lines.place());
    ++objects;
    for (const auto& [name, value] : object.items()) ++members[name];
  }
  std::cout << field_text("lines", std::to_string(objects));
  for (const auto& [name, count] : members)
    std::cout << field_text(printable(name, 60), "in " + std::to_string(count) + " lines");
}

void stat(const DataFileOptions& options) {
  const ContentType type = choose_format(options.from, options.file, "--from");
  std::cout << field_text("format", std::string(names_of(type.format).name))
            << field_text("bytes", std::to_string(std::filesystem::file_size(options.file)));
  InputFile input(options.file);
  if (is_table(type.format)) {
    stat_of_table(input, options, type);
  } else if (type.format == DataFormat::RecordIo) {
    stat_of_images(input, options);
  } else if (type.format == DataFormat::AugmentedManifest) {
    stat_of_manifest(input, options);
  } else {
    throw Error(Blame::Customer, options.file.string() + " is one image, with no records to count");
  }
}

}  // namespace

void add_data_stat(CLI::App& data) {
  CLI::App* verb =
      data.add_subcommand("stat", "Count records, columns and labels of a file, with their ranges");
  verb->footer(
      "Examples:\n"
      "  millrace data stat train.csv\n"
      "  millrace data stat --from libsvm --index-base 0 train.txt.gz\n"
      "  millrace data stat train.rec                  # sizes and labels of images\n");
  auto options = std::make_shared<DataFileOptions>();
  add_data_file_options(*verb, *options);
  verb->callback([options] { stat(*options); });
}

}  // namespace millrace::cli
