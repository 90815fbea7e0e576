#include "platform/cli/pack_progress.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/data/image_record.h"
#include "core/data/record_place.h"
#include "core/data/recordio_index.h"
#include "core/io/mapping.h"
#include "platform/cli/unfinished_work.h"

namespace millrace::cli {
namespace {

std::uint64_t whole(const Json& object, std::string_view member) {
  return static_cast<std::uint64_t>(require_int(object, member, "progress"));
}

}  // namespace

void PackProgress::go_back(std::size_t nth) {
  const BrokenImage& image = broken[nth];
  lines = image.line;
  bytes = image.bytes;
  records = image.records;
  broken.resize(nth);
}

Json to_json(const PackProgress& progress) {
  Json broken = Json::array();
  for (const BrokenImage& image : progress.broken) {
    broken.push_back({{"line", image.line},
                      {"reason", image.reason},
                      {"bytes", image.bytes},
                      {"records", image.records}});
  }
  return {{"lines", progress.lines},
          {"bytes", progress.bytes},
          {"records", progress.records},
          {"broken", broken}};
}

PackProgress pack_progress_of(const std::string& text) {
  const Json json = parse_json(text, "progress", UnfinishedWork::kLimits);
  PackProgress progress{.lines = whole(json, "lines"),
                        .bytes = whole(json, "bytes"),
                        .records = require_int(json, "records", "progress"),
                        .broken = {}};
  for (const Json& image : require(json, "broken", "progress")) {
    progress.broken.push_back({.line = whole(image, "line"),
                               .reason = require_string(image, "reason", "progress"),
                               .bytes = whole(image, "bytes"),
                               .records = require_int(image, "records", "progress")});
  }
  return progress;
}

ImageRecordFile::Begun begun_records(const std::filesystem::path& partial,
                                     const PackProgress& progress) {
  const Mapping mapping(partial);
  if (mapping.bytes().size() < progress.bytes) return {};
  const std::string_view file = mapping.bytes().substr(0, progress.bytes);
  try {
    ImageRecordFile::Begun begun{.bytes = progress.bytes, .records = 0, .index = {}};
    std::string scratch;
    for (const RecordSpan& span : index_records(file, partial.string())) {
      const std::string place = record_origin(partial.string(), begun.records);
      const ImageRecord record = parse_image_record(record_payload(file, span, scratch), place);
      append_index_line(begun.index, {.key = record.id, .offset = span.offset});
      ++begun.records;
    }
    if (begun.records == progress.records) return begun;
  } catch (const Error&) {
    return {};  // not what was written: someone else changed the file
  }
  return {};
}

Fd open_alone(const std::filesystem::path& partial) {
  Fd fd(::open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) throw_errno("creating " + partial.string());
  struct stat opened {
  }, named{};
  // The other may have been done, and the file renamed, between the two calls.
  const bool alone = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(fd.get(), &opened) == 0 &&
                     ::stat(partial.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
                     opened.st_dev == named.st_dev;
  if (alone) return fd;
  refuse(partial.string(), "a file that another process is writing", "one process for each target",
         "Wait for the other, or give another target.");
}

}  // namespace millrace::cli
