#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/line_reader.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/data/recordio_index.h"
#include "core/json/json.h"
#include "platform/cli/data_commands.h"
#include "platform/cli/data_file.h"

namespace millrace::cli {
namespace {

std::int64_t verify_table(InputFile& input, const DataFileOptions& options,
                          const ContentType& type) {
  const auto rows =
      read_rows(type.format, input.source(), options.file.string(), row_options(options, type));
  std::int64_t count = 0;
  for (Row row; rows->read(row);) ++count;
  return count;
}

/// Every line of the index must point at the beginning of a record.
void verify_index(const std::filesystem::path& path, const std::vector<std::uint64_t>& offsets) {
  FdSource file(open_for_reading(path));
  RecordIndexReader index(file, path.string());
  std::int64_t line = 0;
  while (const RecordIndexEntry* entry = index.next()) {
    ++line;
    if (std::binary_search(offsets.begin(), offsets.end(), entry->offset)) continue;
    throw Error(Blame::Customer,
                Problem{.where = path.string() + ", entry " + std::to_string(line),
                        .given = "offset " + std::to_string(entry->offset),
                        .expected = "the beginning of a record",
                        .fix = "The index belongs to another file: write both together."});
  }
}

std::int64_t verify_images(InputFile& input, const DataFileOptions& options) {
  std::filesystem::path index = options.file;
  index.replace_extension(".idx");
  const bool indexed = std::filesystem::exists(index);
  std::vector<std::uint64_t> offsets;
  RecordIoReader records(input.source(), options.file.string());
  while (const std::string_view* payload = records.next()) {
    const std::string place = record_origin(options.file.string(), records.records() - 1) +
                              ", byte " + std::to_string(records.record_offset());
    (void)decode_image(parse_image_record(*payload, place).image, place);
    if (indexed) offsets.push_back(records.record_offset());
  }
  if (indexed) verify_index(index, offsets);
  return records.records();
}

std::int64_t verify_manifest(InputFile& input, const DataFileOptions& options) {
  LineReader lines(input.source(), options.file.string());
  std::int64_t count = 0;
  while (const std::string_view* line = lines.next()) {
    if (trim(*line).empty()) continue;
    const Json object = parse_json(*line, lines.place());
    if (!object.is_object()) {
      lines.refuse(line->data(), std::string(*line), "a JSON object",
                   "An augmented manifest has one object a line.");
    }
    for (const auto& [name, value] : object.items()) {
      if (!name.ends_with("-ref")) continue;
      if (!value.is_string() || !value.get<std::string>().starts_with("s3://")) {
        lines.refuse(line->data(), name + ": " + to_text(value),
                     "an S3 URI, since the name ends in '-ref'", "Give s3://bucket/key.");
      }
    }
    ++count;
  }
  return count;
}

std::int64_t verify_one(const DataFileOptions& options) {
  const ContentType type = choose_format(options.from, options.file, "--from");
  InputFile input(options.file);
  if (is_table(type.format)) return verify_table(input, options, type);
  if (type.format == DataFormat::RecordIo) return verify_images(input, options);
  if (type.format == DataFormat::AugmentedManifest) return verify_manifest(input, options);
  const std::string bytes = read_all(input.source(), std::size_t{1} << 30, options.file.string());
  (void)decode_image(bytes, options.file.string());
  return 1;
}

void verify(const DataFileOptions& options) {
  const std::int64_t records = verify_one(options);
  std::cout << options.file.string() << ": " << records << (records == 1 ? " record" : " records")
            << ", all fine\n";
}

}  // namespace

void add_data_verify(CLI::App& data) {
  CLI::App* verb = data.add_subcommand(
      "verify", "Read a whole file as training would; exit code 1 if it is damaged");
  verb->footer(
      "Images are decoded; a .idx beside a .rec is checked against it. The first fault is told "
      "with\n"
      "file, record (from 0) or line (from 1), and byte.\n\n"
      "Examples:\n"
      "  millrace data verify train.csv\n"
      "  millrace data verify --from recordio-protobuf matrix_0.pbr\n"
      "  for file in *.rec; do millrace data verify \"$file\" || break; done\n");
  auto options = std::make_shared<DataFileOptions>();
  add_data_file_options(*verb, *options);
  verb->callback([options] { verify(*options); });
}

}  // namespace millrace::cli
