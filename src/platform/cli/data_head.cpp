#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/line_reader.h"
#include "core/data/record_message.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/data/recordio_protobuf.h"
#include "platform/cli/data_commands.h"
#include "platform/cli/data_file.h"

namespace millrace::cli {
namespace {

/// Of one row; the rest is an ellipsis.
constexpr std::size_t kShownValues = 12;
constexpr std::size_t kShownTextBytes = 100;

std::string text_of(float value) {
  return number_text(static_cast<double>(value));
}

std::string values_text(const std::vector<float>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < kShownValues; ++i)
    text += (i == 0 ? "" : " ") + text_of(values[i]);
  return values.size() > kShownValues ? text + " ..." : text;
}

std::string features_text(const Row& row) {
  if (!row.sparse) return std::to_string(row.columns) + " features: " + values_text(row.values);
  std::string text = std::to_string(row.values.size()) + " stored";
  if (row.columns > 0) text += " of " + std::to_string(row.columns);
  text += " features:";
  for (std::size_t i = 0; i < row.values.size() && i < kShownValues; ++i)
    text += " " + std::to_string(row.indices[i]) + ":" + text_of(row.values[i]);
  return row.values.size() > kShownValues ? text + " ..." : text;
}

void head_of_table(InputFile& input, const DataFileOptions& options, const ContentType& type,
                   std::int64_t count) {
  const auto rows =
      read_rows(type.format, input.source(), options.file.string(), row_options(options, type));
  Row row;
  for (std::int64_t i = 0; i < count && rows->read(row); ++i) {
    std::cout << i << '\t';
    if (!row.labels.empty()) std::cout << "label " << values_text(row.labels) << "  ";
    std::cout << features_text(row) << '\n';
  }
}

std::string tensor_text(const NamedTensor& named) {
  const Tensor& tensor = named.tensor;
  std::string text = "'" + printable(named.name, kShownTextBytes) + "' " +
                     std::string(tensor_type_name(tensor.type));
  std::vector<std::int64_t> shape;
  if (append_integers(tensor.shape.bytes(), shape) && !shape.empty()) {
    text += " of shape";
    for (const std::int64_t extent : shape) text += " " + std::to_string(extent);
  }
  if (tensor.type == TensorType::Bytes) {
    text += " " + std::string(tensor.content_type) + ":";
    for (const std::string_view string : tensor.strings) text += " " + human_bytes(string.size());
    return text;
  }
  std::vector<float> values;
  append_numbers(tensor, values);
  std::vector<std::int64_t> keys;
  if (!append_integers(tensor.keys.bytes(), keys) || keys.size() != values.size())
    return text + ": " + values_text(values);
  text += ":";
  for (std::size_t i = 0; i < keys.size() && i < kShownValues; ++i)
    text += " " + std::to_string(keys[i]) + ":" + text_of(values[i]);
  return keys.size() > kShownValues ? text + " ..." : text;
}

/// Whole messages and not rows only: answers of algorithms have other names than "values".
void head_of_protobuf(InputFile& input, const DataFileOptions& options, std::int64_t count) {
  RecordIoProtobufReader records(input.source(), options.file.string(), {});
  for (std::int64_t i = 0; i < count; ++i) {
    const RecordMessage* message = records.next();
    if (message == nullptr) return;
    std::cout << i;
    for (const NamedTensor& tensor : message->label)
      std::cout << "\tlabel " << tensor_text(tensor) << '\n';
    for (const NamedTensor& tensor : message->features)
      std::cout << "\tfeatures " << tensor_text(tensor) << '\n';
    if (message->uid) std::cout << "\tuid " << printable(*message->uid, kShownTextBytes) << '\n';
    if (message->metadata)
      std::cout << "\tmetadata " << printable(*message->metadata, kShownTextBytes) << '\n';
    if (message->configuration) {
      std::cout << "\tconfiguration " << printable(*message->configuration, kShownTextBytes)
                << '\n';
    }
    if (message->label.empty() && message->features.empty()) std::cout << "\tnothing\n";
  }
}

void head_of_images(InputFile& input, const DataFileOptions& options, std::int64_t count) {
  RecordIoReader records(input.source(), options.file.string());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string_view* payload = records.next();
    if (payload == nullptr) return;
    const std::string place = record_origin(options.file.string(), i);
    const ImageRecord record = parse_image_record(*payload, place);
    std::cout << i << "\tid " << record.id << "  label " << values_text(record.labels) << "  ";
    try {
      const Image image = decode_image(record.image, place);
      std::cout << image.width << " x " << image.height
                << (image.channels == 1 ? " grey" : " colour");
    } catch (const Error&) {
      std::cout << "no JPEG or PNG";  // raw pixels for one; `verify` says what is wrong
    }
    std::cout << ", " << human_bytes(record.image.size()) << '\n';
  }
}

void head_of_lines(InputFile& input, const DataFileOptions& options, std::int64_t count) {
  LineReader lines(input.source(), options.file.string());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string_view* line = lines.next();
    if (line == nullptr) return;
    std::cout << i << '\t' << printable(*line, 400) << '\n';
  }
}

void head(const DataFileOptions& options, std::int64_t count) {
  const ContentType type = choose_format(options.from, options.file, "--from");
  InputFile input(options.file);
  if (type.format == DataFormat::RecordIoProtobuf) {
    head_of_protobuf(input, options, count);
  } else if (is_table(type.format)) {
    head_of_table(input, options, type, count);
  } else if (type.format == DataFormat::RecordIo) {
    head_of_images(input, options, count);
  } else if (type.format == DataFormat::AugmentedManifest) {
    head_of_lines(input, options, count);
  } else {
    throw Error(Blame::Customer, options.file.string() + " is one image, with no records to show");
  }
}

}  // namespace

void add_data_head(CLI::App& data) {
  CLI::App* verb = data.add_subcommand("head", "Show the first records of a file");
  verb->footer(
      "Examples:\n"
      "  millrace data head train.csv\n"
      "  millrace data head -n 3 train.pbr\n"
      "  millrace data head --from 'text/csv;label_size=0' features.txt.gz\n"
      "  millrace data head train.rec                  # image records\n"
      "  millrace data head --from recordio-protobuf answers.out\n");
  auto options = std::make_shared<DataFileOptions>();
  auto count = std::make_shared<std::int64_t>(10);
  add_data_file_options(*verb, *options);
  verb->add_option("-n,--records", *count, "How many records")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([options, count] { head(*options, *count); });
}

}  // namespace millrace::cli
