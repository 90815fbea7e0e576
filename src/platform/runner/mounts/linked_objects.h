#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "platform/runner/channels/object_bytes.h"

namespace millrace::runner {

/// Where the fetching of linked objects keeps its unfinished files, at the file system's root.
inline constexpr const char* kLinkedState = ".millrace";

/// How many of a view's objects the job has touched.
struct LinkedCounts {
  std::int64_t fetched = 0;
  std::int64_t fetched_bytes = 0;
  std::int64_t found = 0;  ///< were there already
};

/// The objects of a bucket that belong into a directory: which of them are there already, and the
/// fetching of those that are not.
///
/// A fetched file appears whole: it is written under a name of its own below kLinkedState, synced
/// and renamed. Whoever fetches holds a lock on that file, so that of several jobs on the same file
/// system one fetches and the others wait; a lock ends with its process, and the next one begins
/// anew. What killed processes left is removed when the next view is opened.
class LinkedObjects {
 public:
  struct Options {
    std::string channel;      ///< for messages
    std::string file_system;  ///< id, for messages
    const ConnectDaemon& connect;
    const Patience& patience;
    std::function<void(const Error&)> on_failure;  ///< hears why a touch() failed
  };

  /// `root` is the file system's own directory, `directory` the one below it that the paths of
  /// `objects` are relative to. Makes the directories that the paths imply.
  LinkedObjects(const Fd& root, const Fd& directory, std::map<std::string, ChannelObject> objects,
                Options options);

  /// The object that belongs at `path` and has not been removed there; it may have been fetched.
  [[nodiscard]] const ChannelObject* find(const std::string& path) const;
  /// Names directly inside a directory ("" is the top) that find() knows.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory) const;
  /// Whether find() knows anything below a directory.
  [[nodiscard]] bool any_below(const std::string& directory) const;

  /// Makes the file be there; 0, or the errno for the program. Waits.
  int touch(const std::string& path);
  /// The program has removed or replaced what was at `path`.
  void forget(const std::string& path);
  /// Fails every touch from now on.
  void abort() { stop_.request_stop(); }

  [[nodiscard]] LinkedCounts counts() const;

 private:
  void make_directories() const;
  void remove_leftovers() const;
  [[nodiscard]] std::string temporary_name(const std::string& path) const;
  Fd lock(const std::string& name) const;
  [[nodiscard]] bool is_there(const std::string& path) const;
  bool fetch(const std::string& path, const ChannelObject& object);
  std::unique_ptr<ObjectOpener> take_opener();

  Fd state_;
  Fd directory_;
  const std::map<std::string, ChannelObject> objects_;
  const Options options_;
  std::stop_source stop_;

  mutable std::mutex mutex_;  // down to the end
  std::set<std::string> forgotten_;
  std::set<std::string> touched_;
  LinkedCounts counts_;
  std::vector<std::unique_ptr<ObjectOpener>> openers_;
};

}  // namespace millrace::runner
