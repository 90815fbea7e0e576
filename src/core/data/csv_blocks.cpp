#include "core/data/csv_blocks.h"

#include <exception>
#include <utility>

namespace millrace {

CsvBlocks::CsvBlocks(CsvCutter cutter, Options options)
    : options_(options),
      cutter_(std::move(cutter)),
      slots_(options.threads == 1
                 ? 1
                 : static_cast<std::size_t>(options.threads) * kCsvBlocksPerThread) {}

CsvBlocks::~CsvBlocks() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
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
    changed_.notify_all();
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
      changed_.wait(lock);
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
  changed_.notify_all();
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
  changed_.notify_all();
}

void CsvBlocks::work() {
  CsvText text;
  std::unique_lock lock(mutex_);
  while (!stopping_ && !ended_) {
    if (may_cut()) {
      cut_and_parse(lock, text);
    } else {
      changed_.wait(lock);
    }
  }
}

}  // namespace millrace
