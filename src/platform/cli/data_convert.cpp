#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "platform/cli/convert_images.h"
#include "platform/cli/convert_listed_images.h"
#include "platform/cli/convert_rows.h"
#include "platform/cli/data_commands.h"
#include "platform/cli/data_file.h"

namespace millrace::cli {
namespace {

struct ConvertOptions {
  DataFileOptions from;
  std::filesystem::path target;
  std::string to;
  std::filesystem::path list;
};

[[noreturn]] void refuse_pair(const ConvertOptions& options, DataFormat from) {
  throw Error(Blame::Customer,
              Problem{.where = options.from.file.string() + " to " + options.target.string(),
                      .given = std::string(names_of(from).name) + " as source",
                      .expected = "a table into a table, a folder of images into RecordIO, or that "
                                  "into a new folder",
                      .fix = "See millrace data convert --help."});
}

void say(const std::string& note) {
  std::cerr << "millrace: " << note << '\n';
}

std::int64_t pack(const ConvertOptions& options) {
  if (options.list.empty()) return pack_images(options.from.file, options.target);
  return pack_listed_images(options.list, options.from.file, options.target);
}

std::int64_t unpack(const ConvertOptions& options) {
  if (options.list.empty()) return unpack_images(options.from.file, options.target);
  return unpack_listed_images(options.from.file, options.target, options.list);
}

void convert(const ConvertOptions& options) {
  const std::filesystem::path& file = options.from.file;
  std::int64_t records = 0;
  if (std::filesystem::is_directory(file)) {
    const ContentType to = choose_format(options.to, options.target, "--to");
    if (to.format != DataFormat::RecordIo) refuse_pair(options, DataFormat::Image);
    records = pack(options);
  } else if (const ContentType from = choose_format(options.from.from, file, "--from");
             from.format == DataFormat::RecordIo) {
    if (options.target.has_extension() && options.to != "image") refuse_pair(options, from.format);
    records = unpack(options);
  } else if (!options.list.empty()) {
    throw Error(Blame::Customer,
                Problem{.where = "--list",
                        .given = options.list.string(),
                        .expected = "a folder of images to pack, or RecordIO to unpack",
                        .fix = "Tables have no list."});
  } else {
    const ContentType to = choose_format(options.to, options.target, "--to");
    if (!is_table(from.format) || !is_table(to.format)) refuse_pair(options, from.format);
    const Converted converted =
        convert_rows(file, from, row_options(options.from, from), options.target, to);
    for (const std::string& note : converted.notes) say(note);
    records = converted.rows;
  }
  std::cout << records << (records == 1 ? " record: " : " records: ") << options.target.string()
            << '\n';
}

}  // namespace

void add_data_convert(CLI::App& data) {
  CLI::App* verb = data.add_subcommand("convert", "Write a file in another format");
  verb->footer(
      "The formats are told by the extensions, or given. Tables: csv, recordio-protobuf, libsvm, "
      "jsonlines,\n"
      "and json as source. What a format cannot hold is refused or said on standard error.\n"
      "A folder of images (one folder a class) becomes RecordIO with its .idx, bytes unchanged, "
      "and back:\n"
      "folders whose names are all whole numbers have that label, others are numbered in order.\n"
      "With --list, an im2rec list names the images to pack, with one label or many each, or is "
      "written.\n"
      "The target appears when it is whole; Ctrl-C leaves nothing behind.\n\n"
      "Examples:\n"
      "  millrace data convert train.csv train.pbr                     # label in the first "
      "column\n"
      "  millrace data convert --label-size 0 features.csv.gz features.jsonl\n"
      "  millrace data convert --index-base 0 train.libsvm train.csv\n"
      "  millrace data convert --from libsvm --to recordio-protobuf --columns 784 part-0000 "
      "part-0000.bin\n"
      "  millrace data convert photos/ train.rec\n"
      "  millrace data convert train.rec photos/\n"
      "  millrace data convert --list train.lst photos/ train.rec\n"
      "  millrace data convert --list back.lst train.rec back/\n");
  auto options = std::make_shared<ConvertOptions>();
  add_data_file_options(*verb, options->from);
  verb->add_option("target", options->target,
                   "File, or folder of images, to write; packed if it ends in .gz")
      ->required()
      ->type_name("TARGET");
  verb->add_option("--to", options->to, "Its format; by default the extension says")
      ->type_name("FORMAT");
  verb->add_option("--list", options->list,
                   "List of the images: index, labels and path on each line, separated by tabs")
      ->type_name("FILE.lst");
  verb->callback([options] { convert(*options); });
}

}  // namespace millrace::cli
