#include "platform/runner/supervise.h"

#include <benchmark/benchmark.h>

#include <chrono>

#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

/// A job whose program does nothing, with one File channel of 100 MB in ten objects of a store on
/// this machine and a daemon that answers at once: what the supervisor itself costs.
void prepare(FakeStore& store) {
  auto& ticket = store.orders.ticket;
  ticket = {.job_name = "bench",
            .host = "algo-1",
            .hosts = {"algo-1"},
            .command = {"true"},
            .output_s3_uri = "s3://out/bench/output",
            .compress_output = true,
            .log_group = "g",
            .log_stream = "s",
            .cpus = 2,
            .memory_bytes = std::int64_t{1} << 30,
            .volume_bytes = std::int64_t{1} << 30,
            .max_runtime_in_seconds = 100,
            .grace_period_in_seconds = 1};
  const std::string object(10'000'000, 'x');
  for (int i = 0; i < 10; ++i) store.add("in", "data/" + std::to_string(i), object);
  ticket.channels = {{.channel_name = "train",
                      .input_mode = "File",
                      .compression_type = "None",
                      .record_wrapper_type = "None",
                      .s3_source = wire::control::TicketS3Source{
                            .s3_data_type = "S3Prefix",
                            .s3_uri = "s3://in/data/",
                            .s3_data_distribution_type = "FullyReplicated",
                            .shard = 0,
                            .shards = 1}}};
}

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}

/// From the supervisor's first instruction to the program's exec inside the sandbox.
void BM_StartOfTheProgram(benchmark::State& state) {
  FakeStore store;
  prepare(store);
  for ([[maybe_unused]] auto step : state) {
    store.reports.clear();
    const Time begin = now();
    supervise({.job_name = "bench", .data_directory = store.directory().string()},
              store.connector());
    for (const auto& report : store.reports) {
      if (report.program_started)
        state.SetIterationTime(seconds_between(begin, *report.program_started));
    }
  }
}
BENCHMARK(BM_StartOfTheProgram)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(20);

/// From there to the delivered outcome and the removed workspace.
void BM_WholeJob(benchmark::State& state) {
  FakeStore store;
  prepare(store);
  for ([[maybe_unused]] auto step : state) {
    supervise({.job_name = "bench", .data_directory = store.directory().string()},
              store.connector());
  }
}
BENCHMARK(BM_WholeJob)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(20);

}  // namespace
}  // namespace millrace::runner
