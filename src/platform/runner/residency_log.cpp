#include "platform/runner/residency_log.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"

namespace millrace::runner {

using wire::control::TouchedPlace;

ResidencyLog::ResidencyLog() {
  now_.run = random_hex(8);
}

void ResidencyLog::touch(const char* kind, const std::string& place, const char* access,
                         const std::string& by, const std::optional<Amount>& amount) {
  TouchedPlace touched{.kind = kind, .place = place, .access = access, .by = by};
  if (amount) {
    touched.objects = amount->objects;
    touched.bytes = amount->bytes;
  }
  touch(std::move(touched));
}

void ResidencyLog::touch(TouchedPlace touched) {
  const std::lock_guard lock(mutex_);
  const auto known =
      std::find_if(now_.places.begin(), now_.places.end(), [&](const TouchedPlace& one) {
        return one.kind == touched.kind && one.place == touched.place &&
               one.access == touched.access && one.by == touched.by;
      });
  if (known != now_.places.end()) {
    *known = std::move(touched);
  } else {
    now_.places.push_back(std::move(touched));
  }
}

void ResidencyLog::follow(std::function<wire::control::NetworkUse()> network) {
  const std::lock_guard lock(mutex_);
  network_ = std::move(network);
}

void ResidencyLog::unfollow() {
  const std::lock_guard lock(mutex_);
  read_network();
  network_ = nullptr;
}

std::optional<wire::control::HostResidency> ResidencyLog::changed() {
  const std::lock_guard lock(mutex_);
  read_network();
  if (told_ == now_) return std::nullopt;
  told_ = now_;
  return told_;
}

void ResidencyLog::read_network() {
  if (!network_) return;
  try {
    now_.network = network_();
  } catch (const Error&) {
    // The process whose namespace it is has been killed, by somebody else or with this one.
  }
}

}  // namespace millrace::runner
