#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "platform/runner/channels/channel_meter.h"
#include "platform/runner/daemon.h"
#include "platform/runner/mounts/block_pool.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// One object that a view shows as a file.
struct ViewedObject {
  std::string path;  ///< relative, in the view
  ObjectName object;
  std::string e_tag;
  std::int64_t size = 0;
};

/// How far a ReadAhead goes.
struct ReadAheadLimits {
  std::size_t connections = 4;
  /// Most that one GET fetches; the memory that pieces in flight may take beyond max_buffered is
  /// connections times this.
  std::int64_t piece_bytes = kBlockBytes;
  std::int64_t first_piece_bytes = 256 * 1024;
  /// Fetched in advance of a sequential reader at most; begins small and doubles with each read
  /// that goes on where the last one ended.
  std::int64_t max_window_bytes = 16 << 20;
  /// Objects up to this are fetched whole, and those that follow in the listing with them once they
  /// are read in that order.
  std::int64_t small_object_bytes = 512 * 1024;
  std::size_t max_objects_ahead = 64;
  /// Bytes that wait in memory for a reader, over all files; what was fetched first is given up
  /// first.
  std::int64_t max_buffered_bytes = 48 << 20;
};

/// Serves reads at any place of a list of objects by ranged GETs over several connections, some of
/// them in advance of the reader. Memory is bounded by ReadAheadLimits whatever the objects' sizes
/// and however many are open. Nothing blocks its caller: answers come from the threads that fetch.
///
///     ReadAhead objects(list, connect, patience, {}, meter, on_failure);
///     const auto handle = objects.open(17);
///     objects.read(handle, 0, 1 << 20, [&](auto bytes, int error) { ... });
///     objects.close(handle);
class ReadAhead {
 public:
  /// What a read is answered with: the bytes in order, valid during the call and short only at the
  /// end of the object, or an errno. Called once, on any thread.
  using Reply = std::function<void(std::span<const std::span<const char>> bytes, int error)>;
  /// Hears what made a read fail, before the read is answered with EIO.
  using OnFailure = std::function<void(const ViewedObject&, const Error&)>;

  /// `objects` and `meter`, which counts what is read and how long reads wait, must outlive it.
  ReadAhead(const std::vector<ViewedObject>& objects, ConnectDaemon connect,
            const Patience& patience, const ReadAheadLimits& limits, ChannelMeter& meter,
            OnFailure on_failure);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  /// Answers what is unanswered with EIO. No call may be in progress.
  ~ReadAhead();

  std::uint64_t open(std::size_t object);
  void read(std::uint64_t handle, std::int64_t offset, std::size_t size, Reply reply);
  void close(std::uint64_t handle);
  /// Answers all reads with EIO from now on.
  void abort();
  /// abort(), and returns once nothing is being answered any more: what an answer goes through may
  /// then be taken away.
  void end();

  [[nodiscard]] std::int64_t buffered_bytes() const { return pool_.bytes(); }

 private:
  enum class State { Queued, Fetching, Ready, Failed, Dropped };
  struct Piece;
  using PiecePtr =
      std::shared_ptr<Piece>;  // a queue, a stream and reads hold it; the last one frees it
  struct Read;
  using ReadPtr = std::shared_ptr<Read>;  // waits in every piece that it needs

  /// One open file.
  struct Stream {
    std::size_t object = 0;
    std::deque<PiecePtr>
        pieces;  ///< of a large object: one behind the other, the last ends at `until`
    std::int64_t until = 0;
    std::int64_t window = 0;
  };
  /// Small objects that are read one after the other in the order of the listing.
  struct Run {
    std::size_t last = 0;
    std::size_t count = 0;  ///< that are fetched in advance; 0 before the second
    std::size_t until = 0;  ///< all below have been asked for
  };
  struct Answer {
    ReadPtr read;
    int error;
  };

  PiecePtr make_piece(std::size_t object, std::int64_t begin, std::int64_t length);
  void demand(const PiecePtr& piece);
  PiecePtr whole(std::size_t object);
  void follow_run(std::size_t object);
  std::vector<PiecePtr> pieces_for(Stream& stream, std::int64_t begin, std::int64_t end);
  [[nodiscard]] std::int64_t next_length(const Stream& stream) const;
  void append(Stream& stream);
  void skip_to(Stream& stream, std::int64_t begin);
  void abandon(const PiecePtr& piece);
  void discard(const PiecePtr& piece);
  bool make_room(std::int64_t bytes);
  void settle(Piece& piece, std::vector<Answer>& answers);
  void answer(std::vector<Answer>& answers);
  void count_asked(std::size_t object, Read& read);
  void count_answered(const Answer& answer);
  PiecePtr next_piece(const std::stop_token& stop);
  void work(const std::stop_token& stop);
  void fetch(Daemon& daemon, const PiecePtr& piece, const std::stop_token& stop);
  void finish(const PiecePtr& piece);
  void fail(const PiecePtr& piece, const Error& error, const std::stop_token& stop);

  const std::vector<ViewedObject>& objects_;
  const ConnectDaemon connect_;
  const Patience patience_;
  const ReadAheadLimits limits_;
  ChannelMeter& meter_;
  const OnFailure on_failure_;
  BlockPool pool_;

  // Down to the threads, all under mutex_. Bytes are copied outside of it: what a piece has
  // received never changes any more.
  std::mutex mutex_;
  std::condition_variable_any wanted_;
  std::unordered_map<std::uint64_t, Stream> streams_;
  std::uint64_t next_handle_ = 1;
  std::unordered_map<std::size_t, PiecePtr> small_;  ///< whole objects
  std::deque<PiecePtr> demanded_;
  std::deque<PiecePtr> ahead_;
  std::list<PiecePtr> ready_;  ///< those that nobody waits for can be given up, first the first
  std::vector<Run> runs_;
  bool aborted_ = false;
  std::int64_t unanswered_ = 0;                                   ///< reads that wait
  std::vector<bool> read_from_;                                   ///< by object
  std::optional<ChannelMeter::Clock::time_point> reading_since_;  ///< what `meter` has not heard of

  std::vector<std::jthread> workers_;
};

}  // namespace millrace::runner
