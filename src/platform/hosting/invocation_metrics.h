#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/time.h"
#include "platform/metrics/buckets.h"
#include "platform/records/database.h"

namespace millrace::hosting {

/// What one request to a variant met.
struct InvocationSample {
  int status = 0;                                  ///< the model's; 0: it gave no whole answer
  std::int64_t instances = 1;                      ///< of the variant
  std::chrono::steady_clock::duration model{};     ///< from the request's leaving to its answer
  std::chrono::steady_clock::duration overhead{};  ///< the daemon's own share of the time
};

/// The invocation metrics of CloudWatch's namespace AWS/SageMaker, by EndpointName and VariantName:
/// Invocations, InvocationsPerInstance, Invocation4XXErrors, Invocation5XXErrors,
/// InvocationModelErrors, and in microseconds ModelLatency and OverheadLatency with percentiles.
///
/// Counted in memory, minute by minute, and written every ten seconds by a thread of its own, one
/// point for each metric and minute: an invocation waits for no disk. A daemon that is killed loses
/// the last ten seconds.
class InvocationMetrics {
 public:
  /// `database` must outlive this.
  explicit InvocationMetrics(records::Database& database);
  InvocationMetrics(const InvocationMetrics&) = delete;
  InvocationMetrics& operator=(const InvocationMetrics&) = delete;
  /// Writes what has been counted.
  ~InvocationMetrics();

  void record(const std::string& account, const std::string& endpoint, const std::string& variant,
              const InvocationSample& sample);
  /// Writes what has been counted. What cannot be written, for want of space on the disk, is kept
  /// for the next time.
  void flush() noexcept;

 private:
  /// A variant in one minute.
  struct Key {
    std::string account;
    std::string endpoint;
    std::string variant;
    std::int64_t minute = 0;  ///< its beginning, in milliseconds

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Latency {
    double total = 0;  ///< microseconds
    double minimum = std::numeric_limits<double>::infinity();
    double maximum = 0;
    std::array<std::uint32_t, metrics::kBuckets> buckets{};

    void add(std::chrono::steady_clock::duration time);
    void add(const Latency& other);
    [[nodiscard]] std::vector<std::pair<std::int64_t, double>> counts() const;
  };
  /// A metric of which every request gives a sample.
  struct Share {
    double total = 0;
    double minimum = std::numeric_limits<double>::infinity();
    double maximum = 0;

    void add(double sample);
    void add(const Share& other);
  };
  struct Figures {
    std::uint64_t requests = 0;
    Share per_instance, client_errors, server_errors, model_errors;
    Latency model, overhead;

    void add(const Figures& other);
  };
  using Counted = std::map<Key, Figures>;

  static void write(records::Connection& transaction, const Key& key, const Figures& figures);
  void run(const std::stop_token& stop);

  records::Database& database_;
  Guarded<Counted> counted_;
  std::jthread writer_;
};

}  // namespace millrace::hosting
