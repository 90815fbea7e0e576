#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "core/base/refuse.h"
#include "core/contract/cpu_environment.h"
#include "platform/cli/rec_commands.h"
#include "platform/cli/unpack_records.h"
#include "platform/cli/unpack_target.h"

namespace millrace::cli {
namespace {

struct UnpackOptions {
  RecordUnpacking unpacking;
  std::string names = "id";
  bool dry_run = false;
};

std::filesystem::path list_beside(const std::filesystem::path& folder) {
  // "photos/" and "photos" are the same folder.
  const std::filesystem::path plain = folder.has_filename() ? folder : folder.parent_path();
  return plain.string() + ".lst";
}

void unpack(const UnpackOptions& options) {
  RecordUnpacking unpacking = options.unpacking;
  unpacking.names =
      options.names == "id" ? RecordUnpacking::Names::Id : RecordUnpacking::Names::Record;
  if (!unpacking.target.has_filename()) unpacking.target = unpacking.target.parent_path();
  if (unpacking.list.empty()) {
    unpacking.list = list_beside(unpacking.target);
    if (std::filesystem::exists(unpacking.list)) {
      refuse(unpacking.list.string(), "a name that is taken", "a list that does not exist yet",
             "Name one with --list, or remove it first.");
    }
  }
  if (options.dry_run) {
    require_new_folder(unpacking.target);
    const std::int64_t records = count_records(unpacking);
    std::cout << "would unpack " << records << " records into " << unpacking.target.string()
              << " and their list into " << unpacking.list.string() << '\n';
    return;
  }
  unpacking.resumable = true;
  const Unpacked unpacked = unpack_records(unpacking);
  say_what_is_lost(unpacked);
  std::cout << unpacked.records << (unpacked.records == 1 ? " image: " : " images: ")
            << unpacking.target.string() << ", list: " << unpacking.list.string() << '\n';
}

}  // namespace

void add_rec_unpack(CLI::App& rec) {
  CLI::App* verb = rec.add_subcommand("unpack", "A .rec into a folder of images and a list");
  verb->footer(
      "Files are called 00000012.jpg or .png by the id of their record; names are made of numbers\n"
      "alone, so that nothing is written outside the folder. The list has ids, all labels and\n"
      "paths; packed again with --pass-through --pack-label it gives the same records.\n"
      "When the command is ended, what is unpacked stays in DIR.partial, and the same command "
      "goes\n"
      "on from there.\n\n"
      "Examples:\n"
      "  millrace rec unpack train.rec photos/                   # photos.lst beside it\n"
      "  millrace rec unpack --by-class train.rec photos/        # photos/3/00000012.jpg\n"
      "  millrace rec unpack --names record --list all.lst merged.rec photos/\n");
  auto options = std::make_shared<UnpackOptions>();
  RecordUnpacking& unpacking = options->unpacking;
  unpacking.threads = available_cpus();
  verb->add_option("file", unpacking.file, "File to read")
      ->required()
      ->type_name("FILE.rec")
      ->check(CLI::ExistingFile);
  verb->add_option("target", unpacking.target, "Folder to write; must not exist")
      ->required()
      ->type_name("DIR");
  verb->add_option("--list", unpacking.list, "List to write; by default DIR.lst")
      ->type_name("FILE.lst");
  verb->add_option("--names", options->names,
                   "What files are called by: id, or record, the place in the file from 0")
      ->check(CLI::IsMember({"id", "record"}))
      ->type_name("")
      ->capture_default_str();
  verb->add_flag("--by-class", unpacking.by_class,
                 "A folder for each label, which must be a class");
  verb->add_option("--num-thread", unpacking.threads, "Threads that write")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_flag("--dry-run", options->dry_run,
                 "Say what would be done, having read all records; write nothing");
  verb->callback([options] { unpack(*options); });
}

}  // namespace millrace::cli
