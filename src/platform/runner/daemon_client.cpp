#include "platform/runner/daemon_client.h"

#include "core/base/error.h"
#include "generated/aws/control/operations.h"
#include "generated/aws/logs/operations.h"
#include "generated/aws/s3/operations.h"

namespace millrace::runner {
namespace {

namespace control = wire::control::ops;
namespace logs = wire::logs::ops;
namespace s3 = wire::s3::ops;

/// Runs `call`; whether the daemon refused it with this code. Other failures pass through.
template <class Call>
bool refused_with(std::string_view code, Call&& call) {
  try {
    call();
    return false;
  } catch (const Error& error) {
    if (error.code() != code) throw;
    return true;
  }
}

}  // namespace

wire::control::GetJobTicketResponse DaemonClient::ticket(
    const wire::control::GetJobTicketRequest& request) {
  return client_.call<control::GetJobTicket>(request);
}

wire::control::ReportJobResponse DaemonClient::report(
    const wire::control::ReportJobRequest& request) {
  return client_.call<control::ReportJob>(request);
}

wire::control::GetServerTicketResponse DaemonClient::server_ticket(
    const wire::control::GetServerTicketRequest& request) {
  return client_.call<control::GetServerTicket>(request);
}

wire::control::ReportServerResponse DaemonClient::report_server(
    const wire::control::ReportServerRequest& request) {
  return client_.call<control::ReportServer>(request);
}

wire::control::GetTransformTicketResponse DaemonClient::transform_ticket(
    const wire::control::GetTransformTicketRequest& request) {
  return client_.call<control::GetTransformTicket>(request);
}

wire::control::ReportTransformResponse DaemonClient::report_transform(
    const wire::control::ReportTransformRequest& request) {
  return client_.call<control::ReportTransform>(request);
}

wire::control::PinTransformInputResponse DaemonClient::pin_transform_input(
    const wire::control::PinTransformInputRequest& request) {
  return client_.call<control::PinTransformInput>(request);
}

wire::control::GetTransformInputResponse DaemonClient::transform_input(
    const wire::control::GetTransformInputRequest& request) {
  return client_.call<control::GetTransformInput>(request);
}

void DaemonClient::put_log_events(const wire::logs::PutLogEventsRequest& request) {
  const auto put = [&] { client_.call<logs::PutLogEvents>(request); };
  if (!refused_with("ResourceNotFoundException", put)) return;
  make_log_stream(request);
  put();
}

void DaemonClient::make_log_stream(const wire::logs::PutLogEventsRequest& request) {
  constexpr std::string_view kThere = "ResourceAlreadyExistsException";
  refused_with(kThere, [&] {
    client_.call<logs::CreateLogGroup>({.log_group_name = request.log_group_name});
  });
  refused_with(kThere, [&] {
    client_.call<logs::CreateLogStream>(
        {.log_group_name = request.log_group_name, .log_stream_name = request.log_stream_name});
  });
}

wire::control::LocateObjectsResponse DaemonClient::locate(
    const wire::control::LocateObjectsRequest& request) {
  auto answer = client_.call<control::LocateObjects>(request);
  if (store_is_remote_) {
    for (wire::control::ObjectLocation& object : answer.objects) object.path.reset();
  }
  return answer;
}

void DaemonClient::count_fetches(const wire::control::CountFileSystemFetchesRequest& request) {
  client_.call<control::CountFileSystemFetches>(request);
}

/// The body of a GetObject answer, while the client lives and makes no other call.
class DaemonClient::Stream final : public ObjectStream {
 public:
  Stream(aws::Client& client, wire::s3::GetObjectOutput answer)
      : client_(client), answer_(std::move(answer)) {}

  std::size_t read(std::span<char> buffer) override {
    return aws::stream_of(answer_.body).read(buffer);
  }
  [[nodiscard]] std::optional<int> raw() const override { return client_.raw_body(); }
  void took(std::size_t bytes) override { client_.took(bytes); }

 private:
  aws::Client& client_;
  wire::s3::GetObjectOutput answer_;
};

std::unique_ptr<ObjectStream> DaemonClient::open(const ObjectRange& range) {
  return std::make_unique<Stream>(
      client_,
      client_.call<s3::GetObject>({.bucket = range.object.bucket,
                                   .if_match = range.e_tag,
                                   .key = range.object.key,
                                   .range = "bytes=" + std::to_string(range.offset) + "-" +
                                            std::to_string(range.offset + range.length - 1)}));
}

void DaemonClient::put(const ObjectName& object, std::string_view content,
                       const ObjectMetadata& metadata) {
  MemorySource source(content);
  aws::SourcePayload body(source, content.size());
  wire::s3::PutObjectRequest request{.bucket = object.bucket, .key = object.key};
  request.body = &body;
  if (!metadata.empty()) request.metadata = metadata;
  client_.call<s3::PutObject>(request);
}

std::optional<ObjectMetadata> DaemonClient::metadata_of(const ObjectName& object) {
  try {
    return client_.call<s3::HeadObject>({.bucket = object.bucket, .key = object.key})
        .metadata.value_or(ObjectMetadata{});
  } catch (const Error& error) {
    // An answer to HEAD has no body, so what is missing is only told by its status.
    if (error.blame() == Blame::Platform) throw;
    return std::nullopt;
  }
}

void DaemonClient::remove(const ObjectName& object) {
  client_.call<s3::DeleteObject>({.bucket = object.bucket, .key = object.key});
}

Upload DaemonClient::begin_upload(const ObjectName& object, const ObjectMetadata& metadata) {
  wire::s3::CreateMultipartUploadRequest request{.bucket = object.bucket, .key = object.key};
  if (!metadata.empty()) request.metadata = metadata;
  const auto answer = client_.call<s3::CreateMultipartUpload>(request);
  if (!answer.upload_id)
    throw Error(Blame::Platform, "the answer to CreateMultipartUpload has no UploadId");
  return {.object = object, .id = *answer.upload_id};
}

std::string DaemonClient::upload_part(const Upload& upload, std::int64_t number,
                                      std::string_view content) {
  MemorySource source(content);
  aws::SourcePayload body(source, content.size());
  const auto answer = client_.call<s3::UploadPart>({.bucket = upload.object.bucket,
                                                    .key = upload.object.key,
                                                    .part_number = number,
                                                    .upload_id = upload.id,
                                                    .body = &body});
  return answer.e_tag.value_or("");
}

void DaemonClient::complete_upload(const Upload& upload, const std::vector<std::string>& e_tags) {
  std::vector<wire::s3::CompletedPart> parts;
  for (const std::string& e_tag : e_tags) {
    parts.push_back({.e_tag = e_tag, .part_number = static_cast<std::int64_t>(parts.size()) + 1});
  }
  client_.call<s3::CompleteMultipartUpload>(
      {.bucket = upload.object.bucket,
       .key = upload.object.key,
       .multipart_upload = wire::s3::CompletedMultipartUpload{.parts = parts},
       .upload_id = upload.id});
}

void DaemonClient::abort_upload(const Upload& upload) {
  client_.call<s3::AbortMultipartUpload>(
      {.bucket = upload.object.bucket, .key = upload.object.key, .upload_id = upload.id});
}

}  // namespace millrace::runner
