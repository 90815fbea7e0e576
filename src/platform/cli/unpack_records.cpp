#include "platform/cli/unpack_records.h"

#include <iostream>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/base/error.h"
#include "core/base/ordered_workers.h"
#include "core/base/refuse.h"
#include "core/data/image_record.h"
#include "core/data/lst.h"
#include "core/data/record_place.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "core/json/json.h"
#include "platform/cli/data_file.h"
#include "platform/cli/record_class.h"
#include "platform/cli/unfinished_work.h"
#include "platform/cli/unpack_target.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

/// Files that each thread has waiting, and their bytes together: a record may have half a gigabyte.
constexpr std::size_t kAhead = 16;
constexpr std::size_t kMostWaitingBytes = std::size_t{256} << 20;

struct ImageFile {
  fs::path path;
  std::string bytes;
};

bool holds(const ImageFile& image) {
  std::error_code failed;
  return fs::file_size(image.path, failed) == image.bytes.size() && !failed &&
         read_file(image.path) == image.bytes;
}

/// One that an earlier run wrote is left; one that it began is written again. Returns its bytes.
std::size_t write_image(const ImageFile& image) {
  if (!holds(image)) FdSink(create_for_writing(image.path)).write(image.bytes);
  return image.bytes.size();
}

/// What the files of the target depend on.
Json work_of(const RecordUnpacking& unpacking) {
  const auto changed = fs::last_write_time(unpacking.file).time_since_epoch().count();
  return {{"file", fs::absolute(unpacking.file).lexically_normal().string()},
          {"size", fs::file_size(unpacking.file)},
          {"changed", static_cast<std::int64_t>(changed)},
          {"names", static_cast<int>(unpacking.names)},
          {"by-class", unpacking.by_class}};
}

/// Removes "<target>.partial" unless it is of the same work; says which of the two.
void keep_or_clear(const RecordUnpacking& unpacking) {
  const UnfinishedWork unfinished(unpacking.target);
  const fs::path partial = partial_path(unpacking.target);
  const Json work = work_of(unpacking);
  const auto found = unfinished.find(work);
  if (found && found->differs.empty() && fs::is_directory(partial)) {
    std::cerr << "millrace: goes on with " << partial.string() << '\n';
  } else if (fs::exists(partial)) {
    // What an unpacking leaves has its progress beside it: anything else is someone's own.
    if (!fs::exists(unfinished.path)) {
      refuse(partial.string(), "a name that is taken, by what this command has not left",
             "a name that is free while images are unpacked", "Move it away.");
    }
    std::cerr << "millrace: " << partial.string() << " was begun otherwise: begins anew\n";
    fs::remove_all(partial);
  }
  unfinished.save(work, Json::object());
}

/// The list is written last: what is wrong with its name is to be known before the images are.
void check_list_name(const RecordUnpacking& unpacking) {
  const fs::path& list = unpacking.list;
  std::error_code unknown;
  if (fs::equivalent(list, unpacking.file, unknown))
    refuse(list.string(), "the records themselves", "another file", "Name the list with --list.");
  if (fs::is_directory(list, unknown))
    refuse(list.string(), "a folder", "the name of a list to write", "Name the list with --list.");
  const fs::path folder = fs::absolute(list).parent_path();
  if (fs::is_directory(folder, unknown)) return;
  refuse(list.string(), "a name in a folder that is not there", "a list in a folder that is",
         "It cannot lie among the images: put it beside their folder.");
}

std::unique_ptr<PartialOutput> begin(const RecordUnpacking& unpacking) {
  if (!unpacking.resumable) return std::make_unique<PartialOutput>(unpacking.target);
  keep_or_clear(unpacking);
  return std::make_unique<PartialOutput>(unpacking.target, [target = unpacking.target] {
    std::cerr << "\nmillrace: stopped; the same command goes on with "
              << partial_path(target).string() << std::endl;
  });
}

class RecordUnpacker {
 public:
  RecordUnpacker(const RecordUnpacking& unpacking, fs::path folder)
      : unpacking_(unpacking),
        folder_(std::move(folder)),
        lines_(text_),
        workers_(unpacking.threads, kAhead, write_image) {}

  Unpacked run() {
    InputFile input(unpacking_.file);
    RecordIoReader records(input.source(), unpacking_.file.string());
    while (const std::string_view* payload = records.next()) add(*payload, records.records() - 1);
    while (!workers_.empty()) take();
    unpacked_.records = records.records();
    return unpacked_;
  }
  [[nodiscard]] const std::string& list() const { return text_.text(); }

 private:
  void add(std::string_view payload, std::int64_t number) {
    const std::string place = record_origin(unpacking_.file.string(), number);
    const ImageRecord record = parse_image_record(payload, place);
    const bool repeats = !ids_.insert(record.id).second;
    unpacked_.ids_repeat |= repeats;
    unpacked_.second_ids |= record.id2 != 0;
    if (repeats && unpacking_.names == RecordUnpacking::Names::Id) refuse_id(record.id, place);
    const std::string path = path_of(record, number, place);
    try {
      lines_.write({.index = record.id, .labels = record.labels, .path = path, .text = {}});
    } catch (const Error& error) {
      throw Error(error.blame(), place + ": " + error.what());
    }
    while (!workers_.empty() &&
           (!workers_.room() || waiting_bytes_ + record.image.size() > kMostWaitingBytes))
      take();
    waiting_bytes_ += record.image.size();
    workers_.put({.path = folder_ / path, .bytes = std::string(record.image)});
  }

  void take() { waiting_bytes_ -= workers_.take(); }

  std::string path_of(const ImageRecord& record, std::int64_t number, const std::string& place) {
    const bool by_id = unpacking_.names == RecordUnpacking::Names::Id;
    const std::string name =
        file_name_of(by_id ? record.id : static_cast<std::uint64_t>(number), record.image, place);
    if (!unpacking_.by_class) return name;
    const std::int64_t label = class_of(record, place);
    if (classes_.insert(label).second) fs::create_directory(folder_ / std::to_string(label));
    return std::to_string(label) + "/" + name;
  }

  [[noreturn]] static void refuse_id(std::uint64_t id, const std::string& place) {
    refuse(place, "id " + std::to_string(id), "an id of its own for each record, to name files by",
           "Name them by record: --names record.");
  }

  const RecordUnpacking& unpacking_;
  const fs::path folder_;
  StringSink text_;
  LstWriter lines_;
  Unpacked unpacked_;
  std::unordered_set<std::uint64_t> ids_;
  std::unordered_set<std::int64_t> classes_;
  std::size_t waiting_bytes_ = 0;
  OrderedWorkers<ImageFile, std::size_t> workers_;
};

}  // namespace

Unpacked unpack_records(const RecordUnpacking& unpacking) {
  require_new_folder(unpacking.target);
  check_list_name(unpacking);
  const std::unique_ptr<PartialOutput> output = begin(unpacking);
  try {
    fs::create_directory(output->path());
    RecordUnpacker unpacker(unpacking, output->path());
    const Unpacked unpacked = unpacker.run();
    write_file_durably(fs::absolute(unpacking.list), unpacker.list());
    output->commit();
    if (unpacking.resumable) UnfinishedWork(unpacking.target).remove();
    return unpacked;
  } catch (const Error& error) {
    // A run of the same file would fail in the same place.
    if (unpacking.resumable && error.blame() == Blame::Customer) {
      fs::remove_all(output->path());
      UnfinishedWork(unpacking.target).remove();
    }
    throw;
  }
}

std::int64_t count_records(const RecordUnpacking& unpacking) {
  InputFile input(unpacking.file);
  RecordIoReader records(input.source(), unpacking.file.string());
  while (records.next() != nullptr) {
  }
  return records.records();
}

void say_what_is_lost(const Unpacked& unpacked) {
  if (unpacked.ids_repeat) {
    std::cerr << "millrace: records have ids that repeat, and so do the indices of the list: "
                 "number its lines before it is packed again\n";
  }
  if (unpacked.second_ids)
    std::cerr << "millrace: records have second ids, which a list cannot hold\n";
}

}  // namespace millrace::cli
