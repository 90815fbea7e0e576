/// csv_generator DIRECTORY ROWS COLUMNS FILES: a regression data set as numeric CSV, label first, in FILES files of
/// equally many rows. Values have the 15 to 17 significant digits that programs print when nobody tells them otherwise
/// (19 to 20 bytes each); the label is a fixed linear function of the features with a little noise. The same arguments
/// give the same bytes.
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"

namespace {

using namespace millrace;

/// Printing two hundred million doubles takes a minute; picking among printed ones takes seconds, and a parser cannot
/// tell.
struct PrintedValues {
  static constexpr std::size_t kValues = 1 << 16;
  std::vector<double> values;
  std::vector<std::string> texts;

  PrintedValues() {
    std::mt19937_64 random(17);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < kValues; ++i) {
      values.push_back(normal(random));
      texts.push_back(text_of(values.back()) + ",");
    }
  }

  static std::string text_of(double value) {
    std::array<char, 32> digits;
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
  }
};

void write_file(const std::filesystem::path& path, const PrintedValues& printed, std::int64_t rows,
                std::int64_t columns, std::uint64_t seed) {
  constexpr std::size_t kBlockBytes = 4 << 20;
  const Fd file = create_for_writing(path);
  std::mt19937_64 random(seed);
  std::string block;
  std::string features;
  for (std::int64_t row = 0; row < rows; ++row) {
    features.clear();
    double label = static_cast<double>(random() % 1000) * 1e-4;
    for (std::int64_t column = 0; column < columns; ++column) {
      const std::size_t pick = random() % PrintedValues::kValues;
      features += printed.texts[pick];
      label += printed.values[pick] / static_cast<double>(column % 10 + 1);
    }
    features.back() = '\n';
    block.append(PrintedValues::text_of(label)).append(",").append(features);
    if (block.size() >= kBlockBytes) {
      write_all(file.get(), block);
      block.clear();
    }
  }
  write_all(file.get(), block);
}

std::int64_t positive(const char* text, const char* name) {
  const auto value = parse_int(text);
  if (value && *value > 0) return *value;
  throw Error(Blame::Customer,
              Problem{.where = name, .given = text, .expected = "a whole number above 0", .fix = {}});
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::cerr << "usage: csv_generator DIRECTORY ROWS COLUMNS FILES\n";
    return EXIT_FAILURE;
  }
  try {
    const std::filesystem::path directory = arguments[1];
    const std::int64_t rows = positive(arguments[2], "ROWS");
    const std::int64_t columns = positive(arguments[3], "COLUMNS");
    const std::int64_t files = positive(arguments[4], "FILES");
    const PrintedValues printed;
    for (std::int64_t i = 0; i < files; ++i) {
      const std::string number = std::to_string(100'000 + i).substr(1);
      write_file(directory / ("part-" + number + ".csv"), printed,
                 rows * (i + 1) / files - rows * i / files, columns, static_cast<std::uint64_t>(i));
    }
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "csv_generator: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
