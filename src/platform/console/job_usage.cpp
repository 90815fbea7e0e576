#include "platform/console/job_usage.h"

#include <map>
#include <utility>

#include "core/base/text.h"
#include "platform/aws/s3_location.h"
#include "platform/console/job_metrics.h"
#include "platform/jobs/channel_use.h"
#include "platform/jobs/check_channels.h"
#include "platform/jobs/job_record.h"

namespace millrace::console {
namespace {

using records::Connection;

template <class Value>
void put(Json& json, const char* name, const std::optional<Value>& value) {
  if (value) json[name] = *value;
}

Json delivery_json(const jobs::ChannelDelivery& delivery, bool running) {
  Json json{{"Hosts", delivery.hosts}, {"At", to_seconds(delivery.at)}};
  put(json, "Measured", delivery.measured);
  put(json, "Bytes", delivery.bytes);
  put(json, "Objects", delivery.objects);
  put(json, "Seconds", delivery.seconds);
  put(json, "BytesPerSecond", delivery.bytes_per_second);
  if (running) put(json, "BytesPerSecondNow", delivery.bytes_per_second_now);
  put(json, "Records", delivery.records);
  put(json, "Passes", delivery.passes);
  put(json, "RecordsPerPass", delivery.records_per_pass);
  put(json, "RecordsPerSecond", delivery.records_per_second);
  put(json, "ReaderWaited", delivery.reader_waited);
  put(json, "WriterWaited", delivery.writer_waited);
  return json;
}

}  // namespace

/// The store's name of a bucket or an access point that the caller may list.
std::optional<std::string> JobUsage::listable(const aws::Caller& caller,
                                              const std::string& bucket) const {
  const auto target = access_points_ ? access_points_(bucket) : std::nullopt;
  if (!target) {
    if (!allows_(caller, "s3:ListBucket", "arn:aws:s3:::" + bucket)) return std::nullopt;
    return bucket;
  }
  for (const std::string& arn : target->arns) {
    if (!allows_(caller, "s3-outposts:ListBucket", arn)) return std::nullopt;
  }
  return target->bucket;
}

/// What the prefix holds is told to whoever may list it. A manifest names its objects itself: its
/// key is no prefix of theirs.
Json JobUsage::s3_json(const Call& call, const jobs::JobRecord& job,
                       const wire::sagemaker::S3DataSource& source) {
  Json json{{"Kind", "S3"}, {"Uri", source.s3_uri}, {"Type", source.s3_data_type}};
  if (source.s3_data_type != "S3Prefix") return json;
  const aws::S3Location place = aws::parse_s3_uri(source.s3_uri, "S3Uri");
  const auto bucket = listable(call.caller, place.bucket);
  if (!bucket) return json;
  const SourceCount count =
      counts_.count(job.account + "/" + job.name() + "/" + std::to_string(to_millis(job.created)),
                    job.state.finished(), *bucket, place.key);
  json["Objects"] = count.objects;
  json["Bytes"] = count.bytes;
  if (count.more) json["More"] = true;
  return json;
}

Json JobUsage::source_json(const Call& call, const jobs::JobRecord& job,
                           const wire::sagemaker::DataSource& source) {
  if (source.s3_data_source) return s3_json(call, job, *source.s3_data_source);
  if (!source.file_system_data_source) return Json::object();
  const auto& files = *source.file_system_data_source;
  return {{"Kind", files.file_system_type},
          {"FileSystemId", files.file_system_id},
          {"Path", files.directory_path},
          {"AccessMode", files.file_system_access_mode}};
}

http::Response JobUsage::usage(Call& call) {
  permit_(call, "sagemaker:DescribeTrainingJob",
          jobs::training_job_arn(call.caller.region, call.caller.account, call.parts[0]));
  const auto row = database_.read([&](Connection& connection) {
    return records::JobTable(connection, records::JobKind::Training)
        .find(call.caller.account, call.parts[0]);
  });
  if (!row) not_found("There is no training job '" + printable(call.parts[0], 63) + "'.");
  const jobs::JobRecord job = jobs::record_of(*row);
  Json channels = Json::array();
  std::map<std::string, Json> hosts;
  for (const jobs::HostState& host : job.state.hosts) hosts[host.name] = Json::array();
  const bool running = !job.state.training_end;
  const auto delivered = database_.read([&](Connection& connection) {
    return jobs::join_channels(jobs::recorded_channels(connection, job.account, job.name()), now());
  });
  if (job.request.input_data_config) {
    for (const wire::sagemaker::Channel& channel : *job.request.input_data_config) {
      Json json{{"Name", channel.channel_name},
                {"Mode", jobs::effective_mode(channel, job.request)},
                {"Source", source_json(call, job, channel.data_source)}};
      if (channel.content_type) json["ContentType"] = *channel.content_type;
      if (channel.compression_type) json["Compression"] = *channel.compression_type;
      if (channel.record_wrapper_type) json["RecordWrapper"] = *channel.record_wrapper_type;
      if (const auto known = delivered.find(channel.channel_name); known != delivered.end())
        json["Delivered"] = delivery_json(known->second, running);
      channels.push_back(std::move(json));
    }
  }
  database_.read([&](Connection& connection) {
    for (const records::MetricRow& metric : series_of(connection, job.account, job.name())) {
      if (const auto host = host_of(metric))
        hosts[*host].push_back({{"Id", metric.id}, {"Name", metric.key.name}});
    }
  });
  Json instances = Json::array();
  for (auto& [host, series] : hosts)
    instances.push_back({{"Host", host}, {"Series", std::move(series)}});
  return json_answer({{"Channels", std::move(channels)}, {"Instances", std::move(instances)}});
}

}  // namespace millrace::console
