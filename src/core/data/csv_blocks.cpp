#include "core/data/csv_blocks.h"

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace millrace {
namespace {

/// Cutting a block takes about as long as waking a thread that sleeps until it is done, so who
/// waits looks again and again for a little longer than that before going to sleep.
constexpr std::chrono::microseconds kWatching{100};

}  // namespace

CsvBlocks::CsvBlocks(CsvCutter cutter, Options options)
    : options_(options),
      cutter_(std::move(cutter)),
      slots_(options.threads == 1
                 ? 1
                 : static_cast<std::size_t>(options.threads) * kCsvBlocksPerThread) {}

CsvBlocks::~CsvBlocks() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  tell_others();
}

const CsvBlock* CsvBlocks::next() {
  std::unique_lock lock(mutex_);
  while (static_cast<int>(threads_.size()) + 1 < options_.threads)
    threads_.emplace_back([this] { work(); });
  if (held_) {
    bytes_ahead_ -= slot(taken_).block.bytes;
    slot(taken_).parsed = false;
    held_ = false;
    ++taken_;
    tell_others();
  }
  for (;;) {
    if (taken_ < cut_ && slot(taken_).parsed) {
      held_ = true;
      return &slot(taken_).block;
    }
    if (may_cut()) {
      cut_and_parse(lock, text_);
    } else if (ended_ && taken_ == cut_) {
      return nullptr;
    } else {
      wait_for_others(lock);
    }
  }
}

bool CsvBlocks::may_cut() const {
  if (cutting_ || ended_ || stopping_) return false;
  // The block that the caller waits for may always be cut, however long its lines.
  return cut_ == taken_ || (cut_ - taken_ < slots_.size() && bytes_ahead_ < kMaxCsvBytesAhead);
}

void CsvBlocks::cut_and_parse(std::unique_lock<std::mutex>& lock, CsvText& text) {
  cutting_ = true;
  lock.unlock();
  const bool more = cutter_.cut(text);
  lock.lock();
  cutting_ = false;
  ended_ = !more;
  Slot& mine = slot(cut_);
  if (more) {
    ++cut_;
    mine.block.bytes = text.bytes;
    bytes_ahead_ += text.bytes;
  }
  tell_others();
  if (!more) return;
  lock.unlock();
  try {
    parse_csv_text(text, options_.path, options_.non_finite, mine.block);
  } catch (...) {
    // Out of memory on a thread that has no caller: carried to the one who takes the block.
    mine.block.failure = std::current_exception();
  }
  lock.lock();
  mine.parsed = true;
  tell_others();
}

void CsvBlocks::tell_others() {
  changes_.fetch_add(1, std::memory_order_release);
  changed_.notify_all();
}

void CsvBlocks::wait_for_others(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t seen = changes_.load(std::memory_order_acquire);
  lock.unlock();
  const auto end = std::chrono::steady_clock::now() + kWatching;
  while (changes_.load(std::memory_order_acquire) == seen &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  lock.lock();
  if (changes_.load(std::memory_order_acquire) == seen) changed_.wait(lock);
}

void CsvBlocks::work() {
  CsvText text;
  std::unique_lock lock(mutex_);
  while (!stopping_ && !ended_) {
    if (may_cut()) {
      cut_and_parse(lock, text);
    } else {
      wait_for_others(lock);
    }
  }
}

}  // namespace millrace
