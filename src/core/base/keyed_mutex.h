#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/guarded.h"

namespace millrace {

/// A mutex for each key, made when somebody asks for it and gone with the last who holds or awaits
/// it: for work on many things of which each is worked on by one at a time.
///
///     KeyedMutex lists;
///     const KeyedMutex::Lock lock(lists, place);  // until the end of the block
class KeyedMutex {
 public:
  class Lock {
   public:
    Lock(KeyedMutex& mutexes, std::string key) : mutexes_(mutexes), key_(std::move(key)) {
      // Addresses in a map of nodes stay as others come and go.
      mutexes_.entries_
          .with([&](auto& entries) {
            Entry& entry = entries[key_];
            ++entry.users;
            return &entry.mutex;
          })
          ->lock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
      mutexes_.entries_.with([&](auto& entries) {
        const auto found = entries.find(key_);
        found->second.mutex.unlock();
        if (--found->second.users == 0) entries.erase(found);
      });
    }

   private:
    KeyedMutex& mutexes_;
    const std::string key_;
  };

 private:
  struct Entry {
    std::mutex mutex;
    int users = 0;
  };
  Guarded<std::unordered_map<std::string, Entry>> entries_;
};

}  // namespace millrace
