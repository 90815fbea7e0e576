#include "core/http/feed_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <utility>

#include "core/base/error.h"

namespace millrace::http {
namespace {

constexpr std::size_t kEventsAtOnce = 64;
/// Of one feed before the others have their turn.
constexpr std::size_t kMaxPieceBytes = std::size_t{1} << 20;
constexpr int kLookMillis = 1000;  ///< for peers that have stopped reading

}  // namespace

FeedSignal::FeedSignal() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!wake_) throw_errno("eventfd");
}

void FeedSignal::raise(std::shared_ptr<Feed> feed) {
  raised_.with([&](auto& raised) { raised.push_back(std::move(feed)); });
  wake();
}

void FeedSignal::wake() const {
  ::eventfd_write(wake_.get(), 1);
}

std::vector<std::shared_ptr<Feed>> FeedSignal::take() {
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
  return raised_.with([](auto& raised) { return std::exchange(raised, {}); });
}

FeedLane::FeedLane(std::chrono::seconds patience)
    : patience_(patience),
      signal_(std::make_shared<FeedSignal>()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (!epoll_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, signal_->fd(), &event) != 0)
    throw_errno("preparing to send feeds");
  thread_ = std::jthread([this] { run(); });
}

FeedLane::~FeedLane() {
  stopping_ = true;
  signal_->wake();
  thread_.join();
  for (auto& [feed, member] : members_) feed->state_.with([](auto& state) { state.over = true; });
}

void FeedLane::take(std::unique_ptr<Connection> connection, const FeedStart& start) {
  auto feed = std::make_shared<Feed>(signal_);
  newcomers_.with([&](auto& newcomers) {
    newcomers.push_back(
        {.connection = std::move(connection), .feed = feed, .progress = Connection::Clock::now()});
  });
  signal_->wake();
  start(std::move(feed));
}

void FeedLane::run() {
  std::array<epoll_event, kEventsAtOnce> events;
  auto next_look = Connection::Clock::now();
  while (!stopping_) {
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), kLookMillis);
    for (int i = 0; i < ready; ++i) {
      auto* member = static_cast<Member*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (member != nullptr && !look(*member)) drop(member->feed.get());
    }
    admit();
    for (const std::shared_ptr<Feed>& feed : signal_->take()) {
      const auto found = members_.find(feed.get());
      if (found != members_.end() && !send(*found->second)) drop(feed.get());
    }
    if (const auto at = Connection::Clock::now(); at >= next_look) {
      next_look = at + std::chrono::milliseconds(kLookMillis);
      drop_stalled();
    }
  }
}

void FeedLane::admit() {
  auto newcomers = newcomers_.with([](auto& waiting) { return std::exchange(waiting, {}); });
  for (Member& newcomer : newcomers) {
    auto member = std::make_unique<Member>(std::move(newcomer));
    Feed* const feed = member->feed.get();
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.ptr = member.get()}};
    const bool watched =
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, member->connection->fd(), &event) == 0;
    members_.emplace(feed, std::move(member));
    // What it has written meanwhile was told of before it was a member.
    if (!watched || !send(*members_.at(feed))) drop(feed);
  }
}

/// What its socket has to tell; false when the connection is over.
bool FeedLane::look(Member& member) {
  try {
    if (!member.connection->discard_input()) return false;
  } catch (const std::exception&) {
    return false;  // the peer broke off
  }
  return send(member);
}

/// Sends what the socket takes now; false when the connection is over.
bool FeedLane::send(Member& member) {
  bool ending = false;
  try {
    for (std::size_t piece = 0;;) {
      const bool over = member.feed->state_.with([&](Feed::State& state) {
        if (member.sent == member.sending.size()) {
          member.sent = 0;
          member.sending = std::exchange(state.waiting, {});
          state.told = false;
        }
        state.sending = member.sending.size() - member.sent;
        ending = state.ending && state.waiting.empty();
        return state.over;
      });
      if (over) return false;
      if (member.sending.empty() || piece >= kMaxPieceBytes) break;
      const std::size_t taken =
          member.connection->send_now(std::string_view(member.sending).substr(member.sent));
      if (taken == 0) break;
      member.sent += taken;
      piece += taken;
      member.progress = Connection::Clock::now();
    }
  } catch (const std::exception&) {
    return false;  // the peer broke off
  }
  const bool rest = member.sent < member.sending.size();
  if (!rest) member.progress = Connection::Clock::now();
  if (ending && !rest) return false;
  if (rest == member.awaits_room) return true;
  member.awaits_room = rest;
  const std::uint32_t room = rest ? std::uint32_t{EPOLLOUT} : 0U;
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | room, .data = {.ptr = &member}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, member.connection->fd(), &event) == 0;
}

void FeedLane::drop(Feed* feed) {
  const auto found = members_.find(feed);
  if (found == members_.end()) return;
  feed->state_.with([](Feed::State& state) { state.over = true; });
  members_.erase(found);
}

void FeedLane::drop_stalled() {
  const auto due = Connection::Clock::now() - patience_;
  std::vector<Feed*> stalled;
  for (const auto& [feed, member] : members_) {
    if (member->awaits_room && member->progress < due) stalled.push_back(feed);
  }
  for (Feed* feed : stalled) drop(feed);
}

}  // namespace millrace::http
