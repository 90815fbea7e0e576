#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/guarded.h"
#include "core/http/feed.h"
#include "platform/catalog/algorithms.h"
#include "platform/console/call.h"
#include "platform/console/event_topics.h"
#include "platform/records/database.h"

namespace millrace::console {

/// Server-Sent Events (the HTML standard, section 9.2): GET /mr/events?topics=... One thread looks
/// at what has changed, at most twice a second and only while somebody listens, and writes it to
/// every stream; none holds a worker. An event's id says how far the stream has come, so that one
/// that broke off goes on from there, with another daemon too. A stream ends with its session, its
/// key and what its topics ask of the policies.
class EventStreams {
 public:
  static constexpr int kMaxStreams = 256;
  static constexpr int kMaxStreamsOfUser = 64;
  static constexpr std::size_t kMaxTopics = 16;

  /// Whether a session goes on and its key still exists.
  using Lives = std::function<bool(const std::string& session, const std::string& access_key)>;

  /// Both references must outlive this.
  EventStreams(records::Database& database, const catalog::Algorithms& algorithms, Permit permit,
               Allows allows, Lives lives);
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;
  ~EventStreams();

  http::Response open(Call& call);

 private:
  struct Followed {
    Topic topic;
    Cursor cursor;
    aws::ResourceAccess access;  ///< what it asks of the policies, as long as it is followed
  };
  struct Stream {
    std::shared_ptr<http::Feed> feed;
    std::shared_ptr<void> seat;  ///< given back with the stream
    aws::Caller caller;
    std::string session;
    std::vector<Followed> topics;
    std::chrono::steady_clock::time_point next_beat{};
    bool over = false;  ///< and not told of any more
  };

  /// How many streams are open: all, and by user.
  struct Seats {
    int taken = 0;
    std::map<std::string, int> by_user;
  };

  static aws::ResourceAccess access_to(const Topic& topic, const aws::Caller& caller);
  std::shared_ptr<void> take_seat(const aws::Caller& caller);
  [[nodiscard]] bool may_go_on(const Stream& stream) const;
  void follow(Call& call, Stream& stream);
  void run();
  void look();
  static void tell(Stream& stream, TopicLook& look);
  void keep_alive();

  records::Database& database_;
  const catalog::Algorithms& algorithms_;
  const Permit permit_;
  const Allows allows_;
  const Lives lives_;
  std::shared_ptr<Guarded<Seats>> seats_ = std::make_shared<Guarded<Seats>>();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Stream> newcomers_;  ///< under mutex_, as the next
  bool ending_ = false;
  std::vector<Stream> streams_;  ///< of the thread alone, as the next
  std::uint64_t seen_ = 0;       ///< changes of the database that have been told
  std::thread thread_;
};

}  // namespace millrace::console
