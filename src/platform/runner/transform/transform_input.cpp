#include "platform/runner/transform/transform_input.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/channels/object_names.h"
#include "platform/runner/channels/object_source.h"

namespace millrace::runner {
namespace {

using wire::control::GetTransformInputResponse;
using wire::control::PinTransformInputRequest;
using wire::control::TransformTicket;

constexpr std::size_t kPageObjects = 1000;

/// What the daemon keeps of the input.
struct Pinned {
  std::vector<std::string> uris;
  std::string name_prefix;
};

/// nullopt when no supervisor has listed the input yet.
std::optional<Pinned> pinned(const TransformTicket& ticket, Daemon& daemon,
                             const Patience& patience, const std::stop_token& stop) {
  Pinned found;
  for (std::int64_t page = 0;; ++page) {
    GetTransformInputResponse answer = with_retry(patience, stop, [&] {
      return daemon.transform_input(
          {.workload = ticket.server.workload, .host = ticket.server.host, .page = page});
    });
    if (!answer.pinned) return std::nullopt;
    for (std::string& uri : answer.objects) found.uris.push_back(std::move(uri));
    found.name_prefix = std::move(answer.name_prefix);
    if (!answer.is_truncated || stop.stop_requested()) return found;
  }
}

/// Two inputs must not become one output; a manifest of full URIs may name alike keys of several
/// buckets. Nor may an output replace an input that is still to be read, as those of an earlier job
/// would be whose outputs lie among the inputs.
void check_outputs(const TransformTicket& ticket, const std::vector<const ChannelObject*>& objects,
                   std::string_view name_prefix) {
  struct Output {
    ObjectName name;
    const ChannelObject* input = nullptr;
  };
  std::vector<Output> outputs;
  for (const ChannelObject* each : objects)
    outputs.push_back({.name = output_of(ticket, name_prefix, each->name.key), .input = each});
  const auto by_key = [](const Output& a, const Output& b) { return a.name.key < b.name.key; };
  std::sort(outputs.begin(), outputs.end(), by_key);
  const auto twice =
      std::adjacent_find(outputs.begin(), outputs.end(),
                         [](const Output& a, const Output& b) { return a.name.key == b.name.key; });
  if (twice != outputs.end()) {
    throw Error(Blame::Customer, "the outputs of " + twice->input->name.uri() + " and " +
                                     std::next(twice)->input->name.uri() + " would both be " +
                                     twice->name.uri() + ". Transform them in jobs of their own.");
  }
  for (const ChannelObject* each : objects) {
    if (each->name.bucket != outputs.front().name.bucket) continue;
    const auto found =
        std::lower_bound(outputs.begin(), outputs.end(), Output{.name = each->name}, by_key);
    if (found == outputs.end() || found->name.key != each->name.key) continue;
    throw Error(Blame::Customer,
                "the output of " + found->input->name.uri() + " would replace " + each->name.uri() +
                    ", which is an input of this job too. Choose an S3OutputPath outside of the "
                    "input, or take the earlier outputs out of it.");
  }
}

/// Lists the input and tells the daemon, until that is done or another supervisor was first.
void pin(const TransformTicket& ticket, Daemon& daemon, const ConnectDaemon& connect,
         const Patience& patience, const std::stop_token& stop) {
  wire::control::TicketChannel whole{.channel_name = "TransformInput", .s3_source = ticket.source};
  whole.s3_source->shard = 0;
  whole.s3_source->shards = 1;
  const ObjectSource source = list_source(whole, connect, patience, stop);
  if (stop.stop_requested()) return;
  const std::vector<const ChannelObject*> objects = source.shared_objects();
  check_outputs(ticket, objects, source.name_prefix());
  PinTransformInputRequest request{.workload = ticket.server.workload,
                                   .host = ticket.server.host,
                                   .listing = random_hex(8),
                                   .name_prefix = source.name_prefix()};
  for (std::size_t at = 0; at < objects.size(); at += kPageObjects, ++request.page) {
    const std::size_t end = std::min(at + kPageObjects, objects.size());
    request.objects.clear();
    for (std::size_t i = at; i < end; ++i) request.objects.push_back(objects[i]->name.uri());
    request.last = end == objects.size();
    const auto answer =
        with_retry(patience, stop, [&] { return daemon.pin_transform_input(request); });
    if (answer.pinned || stop.stop_requested()) return;
  }
}

}  // namespace

ObjectName output_of(const TransformTicket& ticket, std::string_view name_prefix,
                     std::string_view key) {
  ObjectName output = parse_s3_uri(ticket.output_s3_uri, "TransformOutput.S3OutputPath");
  while (output.key.ends_with('/')) output.key.pop_back();
  output.key += (output.key.empty() ? "" : "/") + local_name(name_prefix, key) + ".out";
  return output;
}

TransformInput input_of(const TransformTicket& ticket, const ConnectDaemon& connect,
                        const Patience& patience, const std::stop_token& stop) {
  const std::unique_ptr<Daemon> daemon = with_retry(patience, stop, connect);
  std::optional<Pinned> known = pinned(ticket, *daemon, patience, stop);
  if (!known) {
    pin(ticket, *daemon, connect, patience, stop);
    known = pinned(ticket, *daemon, patience, stop);
  }
  TransformInput input;
  if (stop.stop_requested()) return input;
  if (!known) throw Error(Blame::Platform, "the daemon does not keep what the job reads");
  input.name_prefix = std::move(known->name_prefix);
  const auto shards = static_cast<std::size_t>(std::max<std::int64_t>(ticket.source.shards, 1));
  for (auto i = static_cast<std::size_t>(ticket.source.shard); i < known->uris.size(); i += shards)
    input.objects.push_back({.name = parse_s3_uri(known->uris[i], "the job's listing"),
                             .e_tag = {},
                             .size = 0,
                             .path = {}});
  locate_objects(*daemon, input.objects, patience, stop, "the transform job's input");
  return input;
}

}  // namespace millrace::runner
