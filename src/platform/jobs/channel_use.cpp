#include "platform/jobs/channel_use.h"

#include <algorithm>
#include <set>

#include "core/json/json.h"
#include "platform/records/run_documents.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
using control::ChannelUse;
using control::HostChannels;

/// An older figure of what is delivered now says nothing: supervisors report once a second.
constexpr std::chrono::seconds kLately{5};

template <class Number>
void add(std::optional<Number>& sum, const std::optional<Number>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

template <class Number>
void raise(std::optional<Number>& most, const std::optional<Number>& other) {
  if (other) most = std::max(most.value_or(0), *other);
}

std::optional<double> per_second(std::optional<std::int64_t> count, std::optional<double> seconds) {
  if (!count || seconds.value_or(0) <= 0) return std::nullopt;
  return static_cast<double>(*count) / *seconds;
}

/// One channel on one host, over its attempts; those after the first follow it.
struct OnHost {
  ChannelUse sum;
  Time at{};

  void add_run(const ChannelUse& run, Time reported, Time now) {
    at = reported;
    if (run.measured) sum.measured = run.measured;
    add(sum.bytes, run.bytes);
    add(sum.objects, run.objects);
    add(sum.seconds, run.seconds);
    add(sum.writer_waited_seconds, run.writer_waited_seconds);
    add(sum.reader_waited_seconds, run.reader_waited_seconds);
    add(sum.reader_seconds, run.reader_seconds);
    add(sum.records, run.records);
    add(sum.passes, run.passes);
    if (run.records_per_pass) sum.records_per_pass = run.records_per_pass;
    sum.bytes_per_second = now - reported <= kLately ? run.bytes_per_second : std::nullopt;
  }
};

std::optional<double> share(const std::optional<double>& part, const std::optional<double>& all) {
  if (!part || all.value_or(0) <= 0) return std::nullopt;
  return std::min(1.0, *part / *all);
}

}  // namespace

std::map<std::string, ChannelDelivery> join_channels(
    const std::vector<std::pair<std::string, HostChannels>>& runs, Time now) {
  std::vector<const std::pair<std::string, HostChannels>*> in_order;
  for (const auto& run : runs) in_order.push_back(&run);
  std::sort(in_order.begin(), in_order.end(),
            [](const auto* a, const auto* b) { return a->second.time < b->second.time; });
  std::map<std::string, std::map<std::string, OnHost>> channels;
  for (const auto* run : in_order) {
    for (const ChannelUse& use : run->second.channels)
      channels[use.channel_name][run->first].add_run(use, run->second.time, now);
  }
  std::map<std::string, ChannelDelivery> joined;
  for (const auto& [name, hosts] : channels) {
    ChannelDelivery& all = joined[name];
    std::optional<double> reader_waited, reader_seconds, writer_waited, writer_seconds;
    for (const auto& [host, one] : hosts) {
      const ChannelUse& use = one.sum;
      ++all.hosts;
      all.at = std::max(all.at, one.at);
      if (use.measured) all.measured = use.measured;
      add(all.bytes, use.bytes);
      add(all.objects, use.objects);
      raise(all.seconds, use.seconds);
      add(all.bytes_per_second, per_second(use.bytes, use.seconds));
      add(all.bytes_per_second_now, use.bytes_per_second);
      add(all.records, use.records);
      raise(all.passes, use.passes);
      add(all.records_per_pass, use.records_per_pass);
      add(all.records_per_second, per_second(use.records, use.reader_seconds));
      add(reader_waited, use.reader_waited_seconds);
      if (use.reader_waited_seconds) add(reader_seconds, use.reader_seconds);
      add(writer_waited, use.writer_waited_seconds);
      if (use.writer_waited_seconds) add(writer_seconds, use.seconds);
    }
    all.reader_waited = share(reader_waited, reader_seconds);
    all.writer_waited = share(writer_waited, writer_seconds);
  }
  return joined;
}

void record_channels(records::Connection& transaction, const std::string& account,
                     const std::string& workload, const std::string& host,
                     const HostChannels& channels) {
  Json document;
  to_json(document, channels);
  records::RunDocumentTable(transaction, records::RunDocument::Channels)
      .put({.account = account,
            .workload = workload,
            .run = channels.run,
            .host = host,
            .document = to_text(document)});
}

std::vector<std::pair<std::string, HostChannels>> recorded_channels(records::Connection& connection,
                                                                    const std::string& account,
                                                                    const std::string& workload) {
  std::vector<std::pair<std::string, HostChannels>> runs;
  for (const records::RunRow& row :
       records::RunDocumentTable(connection, records::RunDocument::Channels)
           .of(account, workload)) {
    HostChannels run;
    from_json(parse_json(row.document, "channels of a host"), run);
    runs.emplace_back(row.host, std::move(run));
  }
  return runs;
}

}  // namespace millrace::jobs
