#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "platform/cli/pack_list.h"
#include "platform/cli/rec_commands.h"

namespace millrace::cli {
namespace {

struct PackOptions {
  ListPacking packing;
  std::string encoding = ".jpg";
  std::string color = "1";
  std::optional<std::int64_t> quality;
  double max_broken = 0;
  bool dry_run = false;
};

ImageForm::Color color_of(const std::string& option) {
  if (option == "1") return ImageForm::Color::Color;
  return option == "0" ? ImageForm::Color::Grey : ImageForm::Color::Unchanged;
}

/// Each encoding has a scale of its own.
void set_quality(const PackOptions& options, ImageForm& form) {
  const bool jpeg = form.encoding == ImageFormat::Jpeg;
  form.quality = options.quality.value_or(jpeg ? 95 : 3);
  const std::int64_t least = jpeg ? 1 : 0, most = jpeg ? 100 : 9;
  if (form.quality >= least && form.quality <= most) return;
  refuse("--quality", std::to_string(form.quality),
         jpeg ? "1 to 100 for JPEG" : "0 to 9, zlib's level, for PNG",
         jpeg ? "Give another quality." : "Or leave --encoding .png out.");
}

void say_if_labels_are_lost(const ListPacking& packing, std::size_t most_labels) {
  if (packing.all_labels || most_labels < 2) return;
  std::cerr << "millrace: lines have up to " << most_labels
            << " labels, of which the first is packed; --pack-label packs all\n";
}

void pack(const PackOptions& options) {
  ListPacking packing = options.packing;
  packing.form.encoding = options.encoding == ".jpg" ? ImageFormat::Jpeg : ImageFormat::Png;
  packing.form.color = color_of(options.color);
  set_quality(options, packing.form);
  packing.max_broken = options.max_broken;
  packing.resumable = true;
  if (options.dry_run) {
    std::cout << describe(packing);
    return;
  }
  const Packed packed = pack_list(packing);
  say_if_labels_are_lost(packing, packed.most_labels);
  std::cout << packed.records << (packed.records == 1 ? " record, " : " records, ")
            << human_bytes(std::filesystem::file_size(packing.target));
  if (packed.broken > 0)
    std::cout << ", " << packed.broken << (packed.broken == 1 ? " image" : " images")
              << " left out";
  std::cout << ": " << packing.target.string() << '\n';
}

constexpr const char* kFooter =
    "Options have im2rec's meanings. Records stand in the list's order, whatever the number of\n"
    "threads, with their .idx beside the .rec; both appear when they are whole. Images are "
    "decoded\n"
    "as training decodes them, turned as their EXIF data tells, and written as JPEG with a "
    "quarter\n"
    "of the colour samples (4:2:0), as OpenCV writes them.\n"
    "An image that is missing or broken is named with its line and left out. By default one is "
    "too\n"
    "many: the rest is looked at, and the command fails; --max-broken 1 allows all, as im2rec "
    "does.\n"
    "When the command is ended, by Ctrl-C or otherwise, what is packed stays in OUT.rec.partial, "
    "and\n"
    "the same command goes on from there; with other options or another list it begins anew.\n\n"
    "Examples:\n"
    "  millrace rec pack --resize 256 train.lst photos/ train.rec\n"
    "  millrace rec pack --resize 256 --center-crop --quality 90 train.lst photos/ train.rec\n"
    "  millrace rec pack --pass-through train.lst photos/ train.rec         # bytes unchanged\n"
    "  millrace rec pack --pack-label --resize 512 boxes.lst photos/ boxes.rec\n"
    "  millrace rec pack --max-broken 0.01 --dry-run train.lst photos/ train.rec\n";

}  // namespace

void add_rec_pack(CLI::App& rec) {
  CLI::App* verb = rec.add_subcommand("pack", "Images that a list names into a .rec and its .idx");
  verb->footer(kFooter);
  auto options = std::make_shared<PackOptions>();
  ListPacking& packing = options->packing;
  ImageForm& form = packing.form;
  packing.all_labels = false;
  packing.threads = available_cpus();
  verb->add_option("list", packing.list, "Index, labels and path on each line, between tabs")
      ->required()
      ->type_name("LIST.lst")
      ->check(CLI::ExistingFile);
  verb->add_option("root", packing.folder, "Folder that the list's paths are relative to")
      ->required()
      ->type_name("ROOT")
      ->check(CLI::ExistingDirectory);
  verb->add_option("target", packing.target, "File to write")->required()->type_name("OUT.rec");
  verb->add_option("--resize", form.resize, "Pixels of the shorter edge; bilinear")
      ->check(CLI::Range(1, 32768));
  verb->add_flag("--center-crop", form.center_crop,
                 "Only the largest square around the centre, cut before resizing");
  verb->add_option("--quality", options->quality,
                   "Of a JPEG 1 to 100 (95), of a PNG zlib's level 0 to 9 (3)");
  verb->add_option("--encoding", options->encoding, "Of the packed images")
      ->check(CLI::IsMember({".jpg", ".png"}))
      ->type_name("")
      ->capture_default_str();
  verb->add_option("--color", options->color, "1 colour, 0 grey, -1 as the file is")
      ->check(CLI::IsMember({"1", "0", "-1"}))
      ->type_name("")
      ->capture_default_str();
  CLI::Option* pass_through =
      verb->add_flag("--pass-through", form.pass_through,
                     "The files' bytes unchanged; only their heads and ends are looked at");
  for (const char* other : {"--resize", "--center-crop", "--quality", "--encoding", "--color"})
    pass_through->excludes(verb->get_option(other));
  verb->add_flag("--verify", form.decode_all, "With --pass-through: decode every image as well")
      ->needs(pass_through);
  verb->add_flag("--pack-label", packing.all_labels,
                 "All labels of a line (several classes, boxes); else the first");
  verb->add_option("--num-thread", packing.threads, "Threads that decode and encode")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_option("--max-broken", options->max_broken,
                   "Share of the lines, 0 to 1, whose images may be missing or broken")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_flag("--dry-run", options->dry_run, "Say what would be done; write nothing");
  verb->callback([options] { pack(*options); });
}

}  // namespace millrace::cli
