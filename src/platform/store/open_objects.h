#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "platform/store/object.h"

namespace millrace::store {

/// An object ready to be sent. Whoever holds it can go on reading after the object was replaced or
/// deleted.
struct OpenObject {
  Object object;
  std::string owner;               ///< the bucket's account
  std::shared_ptr<const Fd> file;  ///< shared with the responses that are being sent from it
};

/// The objects read last, with their rows decoded and their files open. A writer forgets what it
/// has changed before it answers, so that nobody who heard the answer finds the old object.
class OpenObjects {
 public:
  struct Found {
    std::shared_ptr<const OpenObject> object;  ///< null when it has to be loaded
    std::uint64_t generation = 0;              ///< to hand to keep()
  };

  Found find(std::string_view bucket, std::string_view key);
  /// Does nothing when the object was forgotten since find(): what was loaded may be old.
  void keep(const Found& found, std::shared_ptr<const OpenObject> object);
  void forget(std::string_view bucket, std::string_view key);

 private:
  // Each holds a descriptor; the usual limit of a process is 1024.
  static constexpr std::size_t kMaxObjects = 256;
  // Parts make a row large; such objects are large too, and looking them up again costs little
  // against sending them.
  static constexpr std::size_t kMaxParts = 1000;

  using Order = std::list<std::pair<std::string, std::shared_ptr<const OpenObject>>>;
  struct State {
    Order order;  ///< last used first
    std::unordered_map<std::string_view, Order::iterator> by_name;
    /// Count of forgets, for names of one hash each; a collision only makes a keep() futile.
    std::array<std::uint64_t, 1024> generations{};
  };

  static std::string name_of(std::string_view bucket, std::string_view key);
  static std::uint64_t& generation_of(State& state, std::string_view name);

  Guarded<State> state_;
};

}  // namespace millrace::store
