#include "platform/runner/checkpoints.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/io/file.h"
#include "platform/runner/channels/download.h"
#include "platform/runner/channels/local_copy.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/upload_sink.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterval{1};
/// Looking at a large tree takes at most a twentieth of one CPU.
constexpr int kRestFactor = 20;
constexpr std::size_t kShownBytes = 200;

ObjectName folder_of(const std::string& uri, const std::string& what) {
  ObjectName prefix = parse_s3_uri(uri, "the S3Uri of the " + what);
  if (!prefix.key.empty() && !prefix.key.ends_with('/')) prefix.key += '/';
  return prefix;
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// A read lease is granted only while nobody has the file open for writing; it is given back at
/// once, so that nobody who then opens it has to wait.
bool is_being_written(int fd) {
  // Should it be broken in this moment, the signal is one that is ignored unless somebody wants it.
  ::fcntl(fd, F_SETSIG, SIGURG);
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

}  // namespace

Checkpoints::Checkpoints(fs::path directory, const std::string& s3_uri,
                         const ConnectDaemon& connect, const Patience& patience, Note note,
                         MirrorTerms terms)
    : directory_(std::move(directory)),
      prefix_(folder_of(s3_uri, terms.what)),
      connect_(connect),
      patience_(patience),
      note_(std::move(note)),
      terms_(std::move(terms)) {}

Checkpoints::Version Checkpoints::version_of(const struct stat& status) {
  return {.inode = status.st_ino,
          .size = status.st_size,
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

ObjectName Checkpoints::object(const std::string& path) const {
  return {.bucket = prefix_.bucket, .key = prefix_.key + path};
}

void Checkpoints::restore(const std::stop_token& stop) {
  daemon_ = with_retry(patience_, stop, connect_);
  const std::vector<ChannelObject> objects =
      list_objects(*daemon_, prefix_, patience_, stop, "checkpoints in " + prefix_.uri());
  std::vector<Download> elsewhere;
  for (const NamedObject& name : name_objects("checkpoints", prefix_.key, keys_of(objects))) {
    if (stop.stop_requested()) return;
    const ChannelObject& each = objects[name.index];
    const fs::path target = directory_ / name.path;
    fs::create_directories(target.parent_path());
    // A copy and not a link: the program may write to it.
    if (each.path && copy_local(*each.path, target)) continue;
    elsewhere.push_back(
        {.object = object(name.path), .e_tag = each.e_tag, .size = each.size, .target = target});
  }
  download_all(elsewhere, "checkpoints", connect_, patience_, stop);
  stored_ = seen_ = scan();
  for (const auto& [path, version] : stored_) {
    ++restored_.objects;
    restored_.bytes += version.size;
  }
}

void Checkpoints::start() {
  thread_ = std::jthread([this](const std::stop_token& end) { run(end); });
}

void Checkpoints::run(const std::stop_token& end) {
  while (!end.stop_requested()) {
    const Clock::time_point begin = Clock::now();
    try {
      mirror(Pass::WhileRunning);
    } catch (const Error& error) {
      // The last pass decides; until then the same sentence is told once.
      if (error.blame() != Blame::Platform &&
          std::exchange(last_refusal_, error.what()) != error.what())
        note_(error.what());
    }
    const Clock::time_point done = Clock::now();
    wait_until(done + std::max<Clock::duration>(kInterval, kRestFactor * (done - begin)), end);
  }
}

void Checkpoints::finish() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  mirror(Pass::Last);
}

void Checkpoints::mirror(Pass pass) {
  if (!daemon_) daemon_ = with_retry(patience_, {}, connect_);
  std::map<std::string, Version> now = scan();
  for (const auto& [path, version] : now) {
    const auto stored = stored_.find(path);
    if (stored != stored_.end() && stored->second == version) continue;
    const auto seen = seen_.find(path);
    const bool at_rest = seen != seen_.end() && seen->second == version;
    if (pass == Pass::WhileRunning && !at_rest) continue;
    if (upload(path, version, pass)) {
      stored_[path] = version;
      ++written_.objects;
      written_.bytes += version.size;
    } else if (pass == Pass::Last) {
      leave_out(path, "it cannot be read");
    }
  }
  for (auto each = stored_.begin(); terms_.deletes && each != stored_.end();) {
    if (now.contains(each->first)) {
      ++each;
      continue;
    }
    const ObjectName gone = object(each->first);
    try {
      with_retry(patience_, {}, [&] { daemon_->remove(gone); });
    } catch (const Error& error) {
      throw Error(error.blame(), error.code(),
                  "deleting from the " + terms_.what + ", " + gone.uri() + ": " + error.what());
    }
    each = stored_.erase(each);
  }
  seen_ = std::move(now);
}

std::map<std::string, Checkpoints::Version> Checkpoints::scan() {
  std::map<std::string, Version> found;
  const Fd top(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) throw_errno("reading the checkpoint directory");
  walk_tree(top, [&](const TreeEntry& entry) {
    if (S_ISDIR(entry.status.st_mode)) return;
    if (!S_ISREG(entry.status.st_mode)) return leave_out(entry.path, "it is no regular file");
    if (!is_valid_utf8(entry.path)) return leave_out(entry.path, "its name is not UTF-8");
    found.emplace(entry.path, version_of(entry.status));
  });
  return found;
}

void Checkpoints::leave_out(const std::string& path, std::string_view why) {
  if (left_out_.insert(path).second)
    note_("left out of the " + terms_.what + ": '" + printable(path, kShownBytes) + "', " +
          std::string(why));
}

/// False when the file is not at rest after all: the next pass sees to it.
bool Checkpoints::upload(const std::string& path, const Version& version, Pass pass) {
  const Fd file = open_beneath(directory_, path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  const auto unchanged = [&] {
    return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
           version_of(status) == version;
  };
  if (!file || !unchanged()) return false;
  if (pass == Pass::WhileRunning && is_being_written(file.get())) return false;
  const ObjectName target = object(path);
  try {
    UploadSink sink(*daemon_, target, patience_);
    FdSource source(Fd(::dup(file.get())));
    copy(source, sink);
    // Nothing of it shows in the store before finish().
    if (!unchanged()) return false;
    sink.finish();
  } catch (const Error& error) {
    throw Error(error.blame(), error.code(),
                "uploading the " + terms_.what + ", " + target.uri() + ": " + error.what());
  }
  return true;
}

}  // namespace millrace::runner
