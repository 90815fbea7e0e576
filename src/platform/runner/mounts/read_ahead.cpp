#include "platform/runner/mounts/read_ahead.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "platform/runner/channels/object_fetch.h"

namespace millrace::runner {
namespace {

/// The kernel sends several requests of one reader at once and they are heard in any order: one
/// that lies so far ahead still belongs to the sequence.
constexpr std::int64_t kOutOfOrderBytes = 4 << 20;
/// Likewise for whole objects, which several threads of a program may read in turns.
constexpr std::size_t kOutOfOrderObjects = 8;
/// Processes of a program that each read a part of the listing.
constexpr std::size_t kMaxRuns = 16;
/// A read of a megabyte touches at most as many pieces: all but the first ones are larger.
constexpr std::size_t kMaxPiecesOfRead = 8;

/// Fills a block from its start and tells how far it is each time.
class BlockSink final : public ByteSink {
 public:
  BlockSink(std::span<char> block, std::function<void(std::size_t)> progress)
      : block_(block), progress_(std::move(progress)) {}

  void write(std::span<const char> bytes) override {
    std::copy(bytes.begin(), bytes.end(), block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += bytes.size();
    progress_(filled_);
  }

 private:
  const std::span<char> block_;
  const std::function<void(std::size_t)> progress_;
  std::size_t filled_ = 0;
};

}  // namespace

/// Bytes of one object on their way.
struct ReadAhead::Piece {
  std::size_t object;
  std::int64_t begin;
  std::int64_t length;
  State state = State::Queued;
  bool demanded = false;   ///< somebody waits, or has waited, for it
  bool abandoned = false;  ///< belongs to no stream any more
  std::optional<BlockPool::Block> block;
  std::int64_t filled = 0;
  std::int64_t read = 0;  ///< bytes that readers have had
  int users = 0;          ///< answers being given from the block
  std::vector<ReadPtr> waiting;
  std::optional<std::list<PiecePtr>::iterator> place;  ///< in ready_

  [[nodiscard]] std::int64_t end() const { return begin + length; }
  [[nodiscard]] bool idle() const { return users == 0 && waiting.empty(); }
};

struct ReadAhead::Read {
  Reply reply;
  std::int64_t begin;
  std::int64_t end;
  std::vector<PiecePtr> pieces;
  bool answered = false;
  bool waits = false;  ///< was not answered at once

  [[nodiscard]] bool satisfied() const {
    return std::all_of(pieces.begin(), pieces.end(), [this](const PiecePtr& piece) {
      return piece->begin + piece->filled >= std::min(end, piece->end());
    });
  }
};

ReadAhead::ReadAhead(const std::vector<ViewedObject>& objects, ConnectDaemon connect,
                     const Patience& patience, const ReadAheadLimits& limits, ChannelMeter& meter,
                     OnFailure on_failure)
    : objects_(objects),
      connect_(std::move(connect)),
      patience_(patience),
      limits_(limits),
      meter_(meter),
      on_failure_(std::move(on_failure)),
      pool_(static_cast<std::size_t>(limits.max_buffered_bytes / kBlockBytes)),
      read_from_(objects.size()) {
  for (std::size_t i = 0; i < limits_.connections; ++i)
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

ReadAhead::~ReadAhead() {
  end();
}

void ReadAhead::end() {
  abort();
  workers_.clear();
}

std::uint64_t ReadAhead::open(std::size_t object) {
  const std::lock_guard lock(mutex_);
  streams_[next_handle_].object = object;
  return next_handle_++;
}

void ReadAhead::close(std::uint64_t handle) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(handle);
  for (const PiecePtr& piece : found->second.pieces) abandon(piece);
  streams_.erase(found);
}

void ReadAhead::read(std::uint64_t handle, std::int64_t offset, std::size_t size, Reply reply) {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(mutex_);
    Stream& stream = streams_.at(handle);
    const std::int64_t end =
        std::min(offset + static_cast<std::int64_t>(size), objects_[stream.object].size);
    const auto read =
        std::make_shared<Read>(Read{.reply = std::move(reply), .begin = offset, .end = end});
    if (aborted_) {
      read->answered = true;
      answers.push_back({.read = read, .error = EIO});
    } else {
      if (offset < end) read->pieces = pieces_for(stream, offset, end);
      for (const PiecePtr& piece : read->pieces) {
        demand(piece);
        piece->waiting.push_back(read);
      }
      if (read->pieces.empty()) {
        read->answered = true;
        answers.push_back({.read = read, .error = 0});
      } else {
        settle(*read->pieces.front(), answers);
      }
    }
    count_asked(stream.object, *read);
  }
  answer(answers);
}

void ReadAhead::count_asked(std::size_t object, Read& read) {
  if (read.begin < read.end && !read_from_[object]) {
    read_from_[object] = true;
    meter_.objects.fetch_add(1, std::memory_order_relaxed);
  }
  const auto at = ChannelMeter::Clock::now();
  if (!reading_since_) reading_since_ = at;
  read.waits = !read.answered;
  // Reads that wait at the same time are one waiting program.
  if (read.waits && unanswered_++ == 0) meter_.reader_waits.begin(at);
}

void ReadAhead::count_answered(const Answer& answer) {
  const auto at = ChannelMeter::Clock::now();
  if (answer.read->waits && --unanswered_ == 0) meter_.reader_waits.end(at);
  if (answer.error != 0) return;
  meter_.add(std::max<std::int64_t>(0, answer.read->end - answer.read->begin));
  meter_.delivering.add(at - *reading_since_);
  reading_since_ = at;
}

void ReadAhead::abort() {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
    const auto give_up = [&](const PiecePtr& piece) {
      for (const ReadPtr& read : std::exchange(piece->waiting, {})) {
        if (!std::exchange(read->answered, true)) answers.push_back({.read = read, .error = EIO});
      }
    };
    for (auto& [handle, stream] : streams_)
      std::for_each(stream.pieces.begin(), stream.pieces.end(), give_up);
    for (auto& [object, piece] : small_) give_up(piece);
    for (const Answer& each : answers) {
      for (const PiecePtr& piece : each.read->pieces) ++piece->users;
    }
  }
  for (std::jthread& worker : workers_) worker.request_stop();
  answer(answers);
}

ReadAhead::PiecePtr ReadAhead::make_piece(std::size_t object, std::int64_t begin,
                                          std::int64_t length) {
  auto piece = std::make_shared<Piece>(Piece{.object = object, .begin = begin, .length = length});
  ahead_.push_back(piece);
  wanted_.notify_one();
  return piece;
}

void ReadAhead::demand(const PiecePtr& piece) {
  if (std::exchange(piece->demanded, true) || piece->state != State::Queued) return;
  demanded_.push_back(piece);
  wanted_.notify_one();
}

ReadAhead::PiecePtr ReadAhead::whole(std::size_t object) {
  PiecePtr& piece = small_[object];
  if (!piece) piece = make_piece(object, 0, objects_[object].size);
  return piece;
}

/// Fetches in advance what comes next in the listing, twice as many with each object of the run.
void ReadAhead::follow_run(std::size_t object) {
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const Run& each) {
    return object + kOutOfOrderObjects > each.last && object <= each.last + kOutOfOrderObjects;
  });
  if (run == runs_.end()) {
    if (runs_.size() == kMaxRuns) runs_.erase(runs_.begin());
    runs_.push_back({.last = object, .count = 0, .until = object + 1});
    return;
  }
  if (object <= run->last) return;
  run->last = object;
  run->count = std::clamp<std::size_t>(2 * run->count, 1, limits_.max_objects_ahead);
  const std::size_t until = std::min(objects_.size(), object + 1 + run->count);
  for (std::size_t next = std::max(run->until, object + 1); next < until; ++next) {
    if (objects_[next].size > 0 && objects_[next].size <= limits_.small_object_bytes) whole(next);
  }
  run->until = std::max(run->until, until);
}

std::vector<ReadAhead::PiecePtr> ReadAhead::pieces_for(Stream& stream, std::int64_t begin,
                                                       std::int64_t end) {
  const std::int64_t size = objects_[stream.object].size;
  if (size <= limits_.small_object_bytes) {
    follow_run(stream.object);
    return {whole(stream.object)};
  }
  const std::int64_t front = stream.pieces.empty() ? stream.until : stream.pieces.front()->begin;
  if (begin >= front && begin <= stream.until + kOutOfOrderBytes) {
    stream.window =
        std::clamp(2 * stream.window, limits_.first_piece_bytes, limits_.max_window_bytes);
    skip_to(stream, begin);
    while (stream.until < end) append(stream);
    // In advance only what fits the window whole, else it would be followed in crumbs.
    while (stream.until < size && stream.until + next_length(stream) <= end + stream.window)
      append(stream);
  } else {
    for (const PiecePtr& piece : stream.pieces) abandon(piece);
    stream.pieces.clear();
    stream.window = 0;
    stream.pieces.push_back(make_piece(stream.object, begin, end - begin));
    stream.until = end;
  }
  std::vector<PiecePtr> needed;
  for (PiecePtr& piece : stream.pieces) {
    if (piece->end() <= begin || piece->begin >= end) continue;
    if (piece->state == State::Dropped || piece->state == State::Failed)
      piece = make_piece(piece->object, piece->begin, piece->length);
    needed.push_back(piece);
  }
  // A read that is answered short looks like the end of the file.
  MILLRACE_CHECK(!needed.empty() && needed.front()->begin <= begin && needed.back()->end() >= end);
  return needed;
}

/// A reader that has just begun gets small pieces, so that little is fetched for one that only
/// looks at a header.
std::int64_t ReadAhead::next_length(const Stream& stream) const {
  return std::min(std::clamp(stream.window, limits_.first_piece_bytes, limits_.piece_bytes),
                  objects_[stream.object].size - stream.until);
}

void ReadAhead::append(Stream& stream) {
  stream.pieces.push_back(make_piece(stream.object, stream.until, next_length(stream)));
  stream.until = stream.pieces.back()->end();
}

/// Forgets what lies behind a reader that has come to `begin`.
void ReadAhead::skip_to(Stream& stream, std::int64_t begin) {
  while (!stream.pieces.empty()) {
    const PiecePtr& first = stream.pieces.front();
    if (first->end() > begin) return;
    const bool passed = first->end() + kOutOfOrderBytes < begin;
    if (!passed && (first->read < first->length || !first->idle())) return;
    abandon(first);
    stream.pieces.pop_front();
  }
}

void ReadAhead::abandon(const PiecePtr& piece) {
  piece->abandoned = true;
  if (piece->idle() && piece->state != State::Fetching) discard(piece);
}

void ReadAhead::discard(const PiecePtr& piece) {
  // The caller's reference may be the one in a container that is changed here.
  const PiecePtr kept = piece;
  if (kept->place) ready_.erase(*std::exchange(kept->place, std::nullopt));
  if (const auto small = small_.find(kept->object); small != small_.end() && small->second == kept)
    small_.erase(small);
  kept->state = State::Dropped;
  kept->block.reset();
  wanted_.notify_one();
}

/// Gives up what nobody waits for, oldest first.
bool ReadAhead::make_room(std::int64_t bytes) {
  const std::int64_t most = limits_.max_buffered_bytes - BlockPool::cost(bytes);
  for (auto each = ready_.begin(); pool_.bytes() > most && each != ready_.end();) {
    const PiecePtr piece = *each++;
    if (piece->idle()) discard(piece);
  }
  return pool_.bytes() <= most;
}

/// Takes the reads that this piece's progress has completed, or its failure ended.
void ReadAhead::settle(Piece& piece, std::vector<Answer>& answers) {
  const bool failed = piece.state == State::Failed;
  const std::vector<ReadPtr> waiting = piece.waiting;
  for (const ReadPtr& read : waiting) {
    if (read->answered || (!failed && !read->satisfied())) continue;
    read->answered = true;
    answers.push_back({.read = read, .error = failed ? EIO : 0});
    for (const PiecePtr& each : read->pieces) {
      ++each->users;
      std::erase(each->waiting, read);
    }
  }
}

void ReadAhead::answer(std::vector<Answer>& answers) {
  for (const Answer& each : answers) {
    const Read& read = *each.read;
    std::array<std::span<const char>, kMaxPiecesOfRead> spans;
    std::size_t count = 0;
    if (each.error == 0) {
      for (const PiecePtr& piece : read.pieces) {
        const std::int64_t from = std::max(read.begin, piece->begin);
        const std::int64_t to = std::min(read.end, piece->end());
        spans.at(count++) = {piece->block->data() + (from - piece->begin),
                             static_cast<std::size_t>(to - from)};
      }
    }
    read.reply({spans.data(), count}, each.error);
    const std::lock_guard lock(mutex_);
    count_answered(each);
    for (const PiecePtr& piece : read.pieces) {
      --piece->users;
      if (each.error == 0)
        piece->read += std::min(read.end, piece->end()) - std::max(read.begin, piece->begin);
      const bool done = piece->abandoned || piece->read >= piece->length;
      if (done && piece->idle() && piece->state == State::Ready) discard(piece);
    }
  }
  answers.clear();
}

/// The next to fetch: what a reader waits for, else something in advance if there is room for it.
ReadAhead::PiecePtr ReadAhead::next_piece(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    for (auto* queue : {&demanded_, &ahead_}) {
      while (!queue->empty() && queue->front()->state != State::Queued) queue->pop_front();
    }
    for (auto* queue : {&demanded_, &ahead_}) {
      if (queue->empty()) continue;
      const bool room = make_room(queue->front()->length);
      if (!room && queue == &ahead_) continue;
      PiecePtr piece = std::move(queue->front());
      queue->pop_front();
      piece->state = State::Fetching;
      piece->block.emplace(pool_.take(piece->length));
      return piece;
    }
    wanted_.wait(lock, stop, [&] {
      return !demanded_.empty() || (!ahead_.empty() && make_room(ahead_.front()->length));
    });
  }
  return nullptr;
}

void ReadAhead::work(const std::stop_token& stop) {
  std::unique_ptr<Daemon> daemon;
  while (const PiecePtr piece = next_piece(stop)) {
    try {
      if (!daemon) daemon = with_retry(patience_, stop, connect_);
      fetch(*daemon, piece, stop);
      finish(piece);
    } catch (const Error& error) {
      fail(piece, error, stop);
    }
  }
}

void ReadAhead::fetch(Daemon& daemon, const PiecePtr& piece, const std::stop_token& stop) {
  const ViewedObject& object = objects_[piece->object];
  std::vector<Answer> answers;
  BlockSink sink({piece->block->data(), static_cast<std::size_t>(piece->length)},
                 [&](std::size_t filled) {
                   {
                     const std::lock_guard lock(mutex_);
                     piece->filled = static_cast<std::int64_t>(filled);
                     settle(*piece, answers);
                   }
                   answer(answers);
                 });
  fetch_object(daemon,
               {.object = object.object,
                .e_tag = object.e_tag,
                .offset = piece->begin,
                .length = piece->length},
               sink, patience_, stop);
}

void ReadAhead::finish(const PiecePtr& piece) {
  const std::lock_guard lock(mutex_);
  piece->state = State::Ready;
  if (piece->idle() && (piece->abandoned || piece->read >= piece->length)) {
    discard(piece);
  } else {
    piece->place = ready_.insert(ready_.end(), piece);
  }
}

void ReadAhead::fail(const PiecePtr& piece, const Error& error, const std::stop_token& stop) {
  const auto forget = [&] {
    piece->state = State::Failed;
    if (const auto small = small_.find(piece->object);
        small != small_.end() && small->second == piece)
      small_.erase(small);
  };
  {
    // What nobody waits for may be missing; if somebody asks for it later, it is tried again.
    const std::lock_guard lock(mutex_);
    if (piece->waiting.empty()) return forget();
  }
  if (!stop.stop_requested()) on_failure_(objects_[piece->object], error);
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(mutex_);
    forget();
    settle(*piece, answers);
  }
  answer(answers);
}

}  // namespace millrace::runner
