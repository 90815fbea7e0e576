#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "core/data/csv_block.h"
#include "core/data/csv_cutter.h"
#include "core/data/csv_kernel.h"
#include "core/data/csv_number.h"

namespace millrace {

/// How much text the blocks that wait to be handed out may have had; their numbers take at most
/// twice that, and usually half.
inline constexpr std::size_t kMaxCsvBytesAhead = std::size_t{16} << 20;
/// Blocks that exist at a time: enough that no thread waits while the caller copies rows.
inline constexpr std::size_t kCsvBlocksPerThread = 2;

/// Parsed blocks in the order of the stream. Whoever is idle, a thread of its own or the caller of
/// next(), cuts the next block from the stream (one at a time) and parses it (all at once).
class CsvBlocks {
 public:
  struct Options {
    int threads = 1;  ///< the caller of next() is one of them
    CsvPath path = CsvPath::Portable;
    NonFinite non_finite = NonFinite::Refuse;
  };

  CsvBlocks(CsvCutter cutter, Options options);
  CsvBlocks(const CsvBlocks&) = delete;
  CsvBlocks& operator=(const CsvBlocks&) = delete;
  ~CsvBlocks();

  /// The next block, valid until the following call; nullptr after the last.
  const CsvBlock* next();

 private:
  struct Slot {
    CsvBlock block;
    bool parsed = false;
  };

  [[nodiscard]] Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }
  [[nodiscard]] bool may_cut() const;
  void cut_and_parse(std::unique_lock<std::mutex>& lock, CsvText& text);
  void tell_others();
  void wait_for_others(std::unique_lock<std::mutex>& lock);
  void work();

  const Options options_;
  std::mutex mutex_;  ///< guards what follows; a slot that is cut and not parsed is its parser's
  std::condition_variable changed_;
  std::atomic<std::uint64_t> changes_ = 0;  ///< looked at without the mutex by who waits shortly
  CsvCutter cutter_;                        ///< used by whoever set cutting_
  std::vector<Slot> slots_;
  std::uint64_t taken_ = 0;  ///< number of the block to hand out next, or held by the caller
  std::uint64_t cut_ = 0;    ///< number of the block to cut next
  bool held_ = false;
  std::size_t bytes_ahead_ = 0;
  bool cutting_ = false;
  bool ended_ = false;
  bool stopping_ = false;
  CsvText text_;  ///< what the caller of next() cuts; each thread has its own, hot in its cache
  std::vector<std::jthread> threads_;
};

}  // namespace millrace
