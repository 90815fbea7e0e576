#include "core/http/feed.h"

#include "core/http/feed_lane.h"

namespace millrace::http {

bool Feed::write(const std::shared_ptr<Feed>& self, std::string_view text) {
  bool tell = false;
  const bool open = self->state_.with([&](State& state) {
    if (state.ending || state.over) return false;
    if (state.sending + state.waiting.size() + text.size() > kMaxWaitingBytes) {
      state.waiting.clear();
      state.over = true;
      tell = true;
      return false;
    }
    state.waiting += text;
    tell = !std::exchange(state.told, true);
    return true;
  });
  if (tell) self->signal_->raise(self);
  return open;
}

void Feed::end(const std::shared_ptr<Feed>& self) {
  self->state_.with([](State& state) { state.ending = true; });
  self->signal_->raise(self);
}

bool Feed::over() const {
  return state_.with([](const State& state) { return state.ending || state.over; });
}

}  // namespace millrace::http
