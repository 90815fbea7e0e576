#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>
#include <memory>

#include "codec/pack_idx.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "platform/cli/data_commands.h"
#include "platform/cli/data_file.h"

namespace millrace::cli {
namespace {

struct PackOptions {
  std::filesystem::path images;
  std::filesystem::path labels;
  std::filesystem::path out;
  std::int64_t first = 0;
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
};

void pack(const PackOptions& options) {
  InputFile images(options.images);
  InputFile labels(options.labels);
  PartialOutput output(options.out);
  std::int64_t records = 0;
  {
    FdSink sink(create_for_writing(output.path()));
    records = pack_idx(images.source(), labels.source(), sink,
                       {.first_record = options.first, .max_records = options.count});
  }
  output.commit();
  std::cout << records << " pictures, " << human_bytes(std::filesystem::file_size(options.out))
            << ": " << options.out.string() << '\n';
}

}  // namespace

void add_data_pack_idx(CLI::App& data) {
  CLI::App* verb = data.add_subcommand(
      "pack-idx", "Pack an IDX data set (MNIST and its kin) into image RecordIO");
  verb->footer(
      "Each record holds one picture as PNG and its class, as image classification reads them.\n\n"
      "Examples:\n"
      "  millrace data pack-idx --images t10k-images-idx3-ubyte.gz --labels "
      "t10k-labels-idx1-ubyte.gz \\\n"
      "      --out test.rec\n"
      "  millrace data pack-idx ... --first 55000 --out validation.rec      # all but the first "
      "55,000\n");
  auto options = std::make_shared<PackOptions>();
  verb->add_option("--images", options->images, "Pictures, idx3-ubyte, may be gzipped")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--labels", options->labels, "Their classes, idx1-ubyte, may be gzipped")
      ->required()
      ->check(CLI::ExistingFile);
  verb->add_option("--out", options->out, "File to write")->required()->type_name("FILE.rec");
  verb->add_option("--first", options->first, "Number of the first picture to pack, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--count", options->count, "At most so many pictures")
      ->check(CLI::PositiveNumber)
      ->default_str("all");
  verb->callback([options] { pack(*options); });
}

}  // namespace millrace::cli
