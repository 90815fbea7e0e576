#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "platform/runner/daemon.h"
#include "platform/runner/residency_log.h"
#include "platform/runner/retry.h"
#include "platform/runner/tree.h"

namespace millrace::runner {

/// What a mirror is of.
struct MirrorTerms {
  std::string what = "checkpoints";  ///< for messages
  bool deletes = true;               ///< what is deleted in the directory is deleted in the store
};

/// The mirror of a job's checkpoint directory: filled from the store before the program starts,
/// uploaded while it runs and once more after it has ended.
///
///     Checkpoints checkpoints(directory, "s3://bucket/prefix", connect, patience, note);
///     checkpoints.restore(stop);
///     checkpoints.start();
///     ...                      // the program runs
///     checkpoints.finish();
///
/// What is promised: about a second after a file has been closed, or renamed to its name, and left
/// alone, it is in the store, whole; never a part of it, and never while somebody has it open for
/// writing (where the file system can tell; see the leases of fcntl(2)). A file that is written all
/// the time is uploaded when the program has ended. What is deleted is deleted in the store, after
/// everything new has been uploaded. Only what this mirror has put there or restored is ever
/// deleted, so that hosts which share a prefix do not delete each other's files.
///
/// Objects are named by the prefix and the path below the directory. Links and special files are
/// left out, and links are not followed; so are names that are not UTF-8.
class Checkpoints {
 public:
  using Note = std::function<void(std::string_view)>;

  /// References must outlive the mirror; `note` is called from its thread. `directory` exists and
  /// is empty.
  Checkpoints(std::filesystem::path directory, const std::string& s3_uri,
              const ConnectDaemon& connect, const Patience& patience, Note note,
              MirrorTerms terms = {});
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;
  ~Checkpoints() = default;

  /// Ends early, incomplete, when `stop` fires. Throws Error naming the object.
  void restore(const std::stop_token& stop);
  /// Begins to look at the directory once a second. A daemon that is gone is tried again, and what
  /// the store refuses is told to `note` once.
  void start();
  /// Uploads what is still missing; after the program. Throws Error naming the object that cannot
  /// be stored.
  void finish();
  /// What restore() has read.
  [[nodiscard]] const Amount& restored() const { return restored_; }
  /// What was stored, each version of a file; not while start()'s thread runs.
  [[nodiscard]] const Amount& written() const { return written_; }

 private:
  /// By what a change is recognised.
  struct Version {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Version&) const = default;
  };
  enum class Pass { WhileRunning, Last };

  static Version version_of(const struct stat& status);
  [[nodiscard]] ObjectName object(const std::string& path) const;
  void run(const std::stop_token& end);
  void mirror(Pass pass);
  [[nodiscard]] std::map<std::string, Version> scan();
  bool upload(const std::string& path, const Version& version, Pass pass);
  void leave_out(const std::string& path, std::string_view why);

  const std::filesystem::path directory_;
  const ObjectName prefix_;  ///< its key is empty or ends in '/'
  const ConnectDaemon& connect_;
  const Patience& patience_;
  const Note note_;
  const MirrorTerms terms_;

  std::unique_ptr<Daemon> daemon_;
  Amount restored_;
  Amount written_;
  std::map<std::string, Version> stored_;  ///< what the store has of us
  std::map<std::string, Version> seen_;    ///< at the last look
  std::set<std::string> left_out_;
  std::string last_refusal_;
  std::jthread thread_;
};

}  // namespace millrace::runner
