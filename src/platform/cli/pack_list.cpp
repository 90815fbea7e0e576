#include "platform/cli/pack_list.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/ordered_workers.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "core/io/progress.h"
#include "core/json/json.h"
#include "platform/aws/digest.h"
#include "platform/cli/image_list.h"
#include "platform/cli/image_record_file.h"
#include "platform/cli/pack_progress.h"
#include "platform/cli/unfinished_work.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Images that each thread may be ahead of the one that is written next: a large one among small
/// ones keeps no thread waiting.
constexpr std::size_t kAhead = 64;
/// But not so many that they would fill the memory where the disk is slow and files are large.
constexpr std::size_t kMostWaitingBytes = std::size_t{512} << 20;
/// What is left of a record for its image, beside the most labels it may have.
constexpr std::size_t kMaxImageBytes = kMaxChunkBytes - 4 * std::size_t{kMaxRecordLabels} - 1024;
/// What a kill may cost. Each time the disk is waited for.
constexpr std::chrono::milliseconds kFirstSave{500}, kSaveInterval{3000};
/// Named one by one; of more the number is said.
constexpr std::size_t kShownBroken = 20;
constexpr std::size_t kShownPathBytes = 1024;

/// What the bytes of the target depend on, images aside.
Json work_of(const ListPacking& packing) {
  Json work = to_json(packing.form);
  work["list"] = to_hex(aws::sha256(read_file(packing.list)));
  work["folder"] = fs::absolute(packing.folder).lexically_normal().string();
  work["pack-label"] = packing.all_labels;
  return work;
}

/// An image as it is packed, or why it is not.
struct Made {
  LstEntry entry;
  std::string image;
  std::string broken;
};

Made make(const ListPacking& packing, LstEntry entry) {
  Made made{.entry = std::move(entry), .image = {}, .broken = {}};
  try {
    require_image(made.entry, packing.list, packing.folder);
    const fs::path file = packing.folder / made.entry.path;
    const std::string origin = line_of(made.entry, packing.list) + ", " + file.string();
    made.image = in_form(read_file(file), packing.form, origin);
    if (made.image.size() > kMaxImageBytes) {
      refuse(origin, human_bytes(made.image.size()),
             "an image of at most " + human_bytes(kMaxImageBytes) + ", as records hold",
             "Leave the image out, or make it smaller.");
    }
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer || !packing.max_broken) throw;
    made.broken = error.what();
  }
  if (!packing.all_labels) made.entry.labels.resize(1);
  return made;
}

/// Before hours of packing, not behind them.
void check_target(const ListPacking& packing) {
  std::error_code unknown;
  if (fs::is_directory(packing.target, unknown)) {
    refuse(packing.target.string(), "a folder", "the name of a file to write",
           "Name the file: " + (packing.target / "train.rec").string());
  }
  fs::path index = packing.target;
  index.replace_extension(".idx");
  for (const fs::path& written : {packing.target, index}) {
    if (fs::equivalent(written, packing.list, unknown))
      refuse(written.string(), "the list itself", "another file to write", "Name it OUT.rec.");
  }
}

/// The entries of a list from number `from` on.
class ListTail {
 public:
  ListTail(const fs::path& list, std::uint64_t from)
      : source_(open_for_reading(list)), reader_(source_, list.string()) {
    while (from-- > 0) (void)reader_.next();
  }
  const LstEntry* next() { return reader_.next(); }

 private:
  FdSource source_;
  LstReader reader_;
};

/// How far another run came, if it was of the same work; said in `note` whenever one was there.
PackProgress earlier_progress(const ListPacking& packing, const Json& work, std::string& note) {
  const std::string partial = partial_path(packing.target).string();
  const auto found = UnfinishedWork(packing.target).find(work);
  if (!found) return {};
  if (!found->differs.empty()) {
    note = partial + " was begun otherwise (" + found->differs + "): begins anew";
    return {};
  }
  try {
    return pack_progress_of(found->done);
  } catch (const Error&) {
    return {};
  }
}

/// To before the first image that was broken and no longer is.
void retry_broken(const ListPacking& packing, PackProgress& progress) {
  ListTail list(packing.list, 0);
  std::uint64_t line = 0;
  for (std::size_t i = 0; i < progress.broken.size(); ++i) {
    const LstEntry* entry = list.next();
    for (; entry != nullptr && line < progress.broken[i].line; ++line) entry = list.next();
    ++line;
    if (entry != nullptr && make(packing, *entry).broken.empty()) return progress.go_back(i);
  }
}

class ListPacker {
 public:
  explicit ListPacker(const ListPacking& packing)
      : packing_(packing),
        list_(check_list(packing.list, packing.folder)),
        lines_(list_.lines),
        shown_(packing.target.filename().string(), lines_) {
    if (packing.resumable) {
      begin_resumable();
    } else {
      output_ = std::make_unique<PartialOutput>(packing.target);
      records_ = std::make_unique<ImageRecordFile>(create_for_writing(output_->path()));
    }
  }

  Packed run() {
    ListTail list(packing_.list, progress_.lines);
    OrderedWorkers<LstEntry, Made> workers(packing_.threads, kAhead, [this](LstEntry entry) {
      return make(packing_, std::move(entry));
    });
    for (const LstEntry* entry = list.next();;) {
      for (; entry != nullptr && workers.room() && fits_in_memory(workers.waiting());
           entry = list.next())
        workers.put(*entry);
      if (workers.empty()) break;
      add(workers.take());
    }
    return finish();
  }

 private:
  void begin_resumable() {
    work_ = work_of(packing_);
    const fs::path partial = partial_path(packing_.target);
    Fd file = open_alone(partial);
    std::string note;
    progress_ = earlier_progress(packing_, work_, note);
    if (!note.empty()) shown_.say("millrace: " + note);
    retry_broken(packing_, progress_);
    ImageRecordFile::Begun begun = begun_records(partial, progress_);
    if (begun.records == 0) progress_ = {};
    if (progress_.lines > 0) {
      shown_.say("millrace: goes on with " + partial.string() + ": " +
                 std::to_string(progress_.lines) + " of " + std::to_string(lines_) +
                 " lines are done");
      shown_.advance(progress_.lines);
    }
    // Else a kill now would leave what an earlier run saved beside what this one writes.
    if (progress_.lines == 0) UnfinishedWork(packing_.target).remove();
    const auto size = static_cast<off_t>(progress_.bytes);
    if (::ftruncate(file.get(), size) != 0 || ::lseek(file.get(), size, SEEK_SET) != size)
      throw_errno("cutting " + partial.string());
    for (const BrokenImage& image : progress_.broken) name_broken(image);
    records_ = std::make_unique<ImageRecordFile>(std::move(file), std::move(begun));
    output_ = std::make_unique<PartialOutput>(packing_.target, [this] { stop(); });
  }

  /// Whether one more image may wait, were all as large as the largest so far.
  [[nodiscard]] bool fits_in_memory(std::size_t waiting) const {
    constexpr std::size_t kPhotograph = std::size_t{4} << 20;
    const std::size_t each = largest_ > 0 ? largest_ : kPhotograph;
    return waiting < static_cast<std::size_t>(packing_.threads) ||
           (waiting + 1) * each <= kMostWaitingBytes;
  }

  void add(Made made) {
    const std::scoped_lock lock(adding_);
    largest_ = std::max(largest_, made.image.size());
    if (made.broken.empty()) {
      records_->add(made.entry.index, made.entry.labels, made.image);
    } else {
      add_broken(std::move(made.broken));
    }
    ++progress_.lines;
    shown_.advance(1);
    if (packing_.resumable && Clock::now() >= next_save_) {
      save();
      next_save_ = Clock::now() + kSaveInterval;
    }
  }

  void add_broken(std::string reason) {
    // Reasons that no run names are not kept: of a million broken images they would be written
    // again and again.
    const bool named = progress_.broken.size() < kShownBroken;
    progress_.broken.push_back({.line = progress_.lines,
                                .reason = named ? std::move(reason) : std::string(),
                                .bytes = records_->bytes(),
                                .records = records_->records()});
    name_broken(progress_.broken.back());
  }

  void save() {
    records_->sync();
    progress_.bytes = records_->bytes();
    progress_.records = records_->records();
    UnfinishedWork(packing_.target).save(work_, to_json(progress_));
  }

  /// On the thread that a signal has woken.
  void stop() {
    const std::scoped_lock lock(adding_);
    if (finished_) return;
    try {
      save();
    } catch (const Error& error) {
      shown_.say("millrace: stopped; what was done since the last save is lost: " +
                 std::string(error.what()));
      return;
    }
    shown_.say("millrace: stopped with " + std::to_string(progress_.lines) + " of " +
               std::to_string(lines_) + " lines done; the same command goes on from there (" +
               partial_path(packing_.target).string() + ")");
  }

  void name_broken(const BrokenImage& image) {
    if (named_++ < kShownBroken) shown_.say("millrace: left out: " + image.reason);
    if (named_ == kShownBroken + 1)
      shown_.say("millrace: more are left out and not named one by one");
  }

  Packed finish() {
    const Packed packed{.records = records_->records(),
                        .broken = static_cast<std::int64_t>(progress_.broken.size()),
                        .most_labels = list_.most_labels};
    check_broken(packed);
    {
      const std::scoped_lock lock(adding_);
      records_->finish(packing_.target);
      finished_ = true;
    }
    output_->commit();
    if (packing_.resumable) UnfinishedWork(packing_.target).remove();
    return packed;
  }

  void check_broken(const Packed& packed) {
    const double allowed = packing_.max_broken.value_or(0) * static_cast<double>(lines_);
    if (packed.records > 0 && static_cast<double>(packed.broken) <= allowed) return;
    if (packing_.resumable) keep_for_another_run(packed);
    refuse(packing_.list.string(),
           std::to_string(packed.broken) + " of " + std::to_string(lines_) +
               " images broken or missing",
           packed.records == 0
               ? "images that can be read"
               : "a share of at most " + number_text(packing_.max_broken.value_or(0)) +
                     " (--max-broken)",
           "Mend them and run the same command again, which packs only from the first "
           "of them on; or allow a larger share.");
  }

  void keep_for_another_run(const Packed& packed) {
    const std::scoped_lock lock(adding_);
    finished_ = true;
    if (packed.records > 0) return save();
    fs::remove(partial_path(packing_.target));
    UnfinishedWork(packing_.target).remove();
  }

  const ListPacking& packing_;
  const ImageList list_;
  const std::uint64_t lines_;
  Progress shown_;
  Json work_;
  std::mutex adding_;  ///< held while records and progress change: a signal saves what is whole
  PackProgress progress_;
  bool finished_ = false;  ///< nothing is left for a signal to save
  std::size_t named_ = 0;
  std::size_t largest_ = 0;  ///< bytes of an image so far
  Clock::time_point next_save_ = Clock::now() + kFirstSave;
  std::unique_ptr<ImageRecordFile> records_;
  std::unique_ptr<PartialOutput> output_;
};

}  // namespace

Packed pack_list(const ListPacking& packing) {
  check_target(packing);
  return ListPacker(packing).run();
}

std::string describe(const ListPacking& packing) {
  check_target(packing);
  std::uint64_t missing = 0, bytes = 0;
  std::string missing_lines;
  const ImageList list = check_list(packing.list, packing.folder, [&](const LstEntry& entry) {
    std::error_code failed;
    const std::uintmax_t size = fs::file_size(packing.folder / entry.path, failed);
    if (!failed) {
      bytes += size;
    } else if (++missing <= kShownBroken) {
      missing_lines += "missing: " + line_of(entry, packing.list) + ", " +
                       printable(entry.path, kShownPathBytes) + "\n";
    }
  });
  fs::path index = packing.target;
  std::string text = "would pack " + std::to_string(list.lines - missing) + " images, " +
                     human_bytes(bytes) + ", into " + packing.target.string() + " and " +
                     index.replace_extension(".idx").string() + "\n";
  text += "each: " + describe(packing.form) + ", ";
  text += packing.all_labels ? "all labels" : "the first label";
  text += " (lines have up to " + std::to_string(list.most_labels) + ")\n" + missing_lines;
  if (missing > 0) text += std::to_string(missing) + " missing in all\n";
  std::string note;
  const PackProgress progress = earlier_progress(packing, work_of(packing), note);
  if (progress.lines > 0) {
    text += "would go on with " + partial_path(packing.target).string() + ": " +
            std::to_string(progress.lines) + " of " + std::to_string(list.lines) +
            " lines are done\n";
  }
  if (!note.empty()) text += note + "\n";
  return text;
}

}  // namespace millrace::cli
