#include "platform/cli/data_file.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::cli {
namespace {

std::string format_names() {
  std::vector<std::string> names;
  for (const FormatNames& format : all_formats()) names.emplace_back(format.name);
  return join(names, ", ");
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  return failed ? 0 : size;  // a FIFO has none
}

}  // namespace

void add_data_file_options(CLI::App& verb, DataFileOptions& options) {
  verb.add_option("file", options.file, "File to read; unpacked on the way if it ends in .gz")
      ->required()
      ->check(CLI::ExistingPath)
      ->type_name("FILE");
  verb.add_option("--from", options.from,
                  "Its format: a content type, or one of " + format_names() +
                      "; by default the extension says")
      ->type_name("FORMAT");
  verb.add_option("--label-size", options.label_size,
                  "Label columns in front of CSV rows (1), or labels of a record")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--index-base", options.index_base, "What libsvm calls the first column: 0 or 1")
      ->check(CLI::Range(0, 1))
      ->capture_default_str();
  verb.add_option("--columns", options.columns,
                  "Number of features, where the format does not tell")
      ->check(CLI::PositiveNumber);
}

ContentType choose_format(const std::string& given, const std::filesystem::path& file,
                          const std::string& option) {
  if (given.find('/') != std::string::npos) return parse_content_type(given, option);
  const FormatNames* format = given.empty() ? format_of_file(file.string()) : find_format(given);
  if (format == nullptr) {
    throw Error(Blame::Customer, Problem{.where = given.empty() ? file.string() : option,
                                         .given = given.empty() ? file.extension().string() : given,
                                         .expected = "a known format: " + format_names(),
                                         .fix = "Say which with " + option + "."});
  }
  ContentType type;
  type.format = format->format;
  return type;
}

RowOptions row_options(const DataFileOptions& options, const ContentType& type) {
  return {.label_size = options.label_size ? options.label_size : type.label_size,
          .index_base = options.index_base,
          .columns = options.columns};
}

InputFile::InputFile(const std::filesystem::path& path)
    : file_(open_for_reading(path)),
      progress_(path.filename().string(), size_of(path)),
      counted_(file_, progress_) {
  if (path.extension() == ".gz") unpacked_ = std::make_unique<GzipSource>(counted_, path.string());
}

ByteSource& InputFile::source() {
  return unpacked_ ? static_cast<ByteSource&>(*unpacked_) : static_cast<ByteSource&>(counted_);
}

}  // namespace millrace::cli
